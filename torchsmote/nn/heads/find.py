"""Which submodule is the head, and whether it may be changed alone."""

from __future__ import annotations

from typing import Any, NamedTuple

from torch import Tensor, nn

__all__ = ["Head", "check_linear", "find_head"]

_SHOWN = 10  # names in an error


class Head(NamedTuple):
    """A submodule and its name; the name is "" where it is the model itself."""

    name: str
    module: nn.Module


def find_head(model: Any, head: Any = None) -> Head:
    """The submodule of that name; without a name, the last `torch.nn.Linear` in module order.

    Raises:
        TypeError: If the model is no module, or the name no string.
        ValueError: If there is no such module, it has no parameters, or it shares one with another module.
    """
    if not isinstance(model, nn.Module):
        kind = f"the class {model.__name__}" if isinstance(model, type) else type(model).__name__
        raise TypeError(f"`model` must be a torch.nn.Module, got {kind}")
    if head is not None and not isinstance(head, str):
        raise TypeError(
            f"`head` must be a submodule's name as in model.named_modules(), got {type(head).__name__}"
        )
    linear = [name for name, module in model.named_modules() if isinstance(module, nn.Linear)]
    if head is None:
        if not linear:
            raise ValueError(
                f"`model` ({type(model).__name__}) has no torch.nn.Linear to be its head; name the module "
                f"that maps embeddings to logits: head=..., one of {_names(_owners(model))}"
            )
        head = linear[-1]
    try:
        module = model.get_submodule(head)
    except AttributeError:
        raise ValueError(
            f"`head`={head!r} is no submodule of the model; use one of {_names(linear or _owners(model))}"
        ) from None
    _check_own_parameters(model, Head(head, module))
    return Head(head, module)


def check_linear(head: Head, what: str) -> nn.Linear:
    """The head as a Linear whose weight can be scaled, for the methods that need one.

    Args:
        head: The head.
        what: Which method, for the error.

    Raises:
        ValueError: If it is another module, or its weight is computed by a parametrization.
    """
    module = head.module
    if not isinstance(module, nn.Linear):
        raise ValueError(
            f"{what} scales the weights of a torch.nn.Linear, but the head {head.name!r} is a "
            f"{type(module).__name__}; name a Linear with `head`, or use method='crt'"
        )
    if not isinstance(module.weight, nn.Parameter):
        raise ValueError(
            f"{what} scales weights in place, but those of the head {head.name!r} are computed by a "
            "parametrization, such as weight_norm; remove it first, or use method='crt'"
        )
    return module


def _check_own_parameters(model: nn.Module, head: Head) -> None:
    own = {id(parameter) for parameter in head.module.parameters()}
    if not own:
        raise ValueError(
            f"the head {head.name!r} ({type(head.module).__name__}) has no parameters to train; `head` must "
            f"be one of {_names(_owners(model))}"
        )
    every = list(model.named_modules(remove_duplicate=False))
    inside = tuple(f"{name}." if name else "" for name, module in every if module is head.module)
    for name, module in every:
        outside = not f"{name}.".startswith(inside)
        for key, parameter in _parameters_of(module) if outside else ():
            if id(parameter) in own:
                raise ValueError(
                    f"the head {head.name!r} shares a parameter with {f'{name}.{key}'.lstrip('.')!r}, which "
                    "would change with it; untie them first: module.weight = "
                    "torch.nn.Parameter(module.weight.detach().clone())"
                )


def _parameters_of(module: nn.Module) -> list[tuple[str, Tensor]]:
    return list(module.named_parameters(recurse=False))


def _owners(model: nn.Module) -> list[str]:
    """Modules that have parameters of their own."""
    return [name for name, module in model.named_modules() if _parameters_of(module)]


def _names(names: list[str]) -> str:
    """The last names, since heads come last; how many more there are."""
    more = len(names) - _SHOWN
    return str(names[-_SHOWN:]) + (f" and {more} before them" if more > 0 else "")
