"""What a function is, in words that are alike in every process."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import partial
from hashlib import sha256
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

from torch import Tensor

from ...short_text import short_text

__all__ = ["function_text"]


_DEEP = 2  # functions that a function names, and those that these name


def function_text(function: Callable[..., Any]) -> str:
    """What it is called, with digests of its source and of that of the functions and classes it names.

    Beside them, what it closes over or has as defaults, and plain settings of its module, such as a width.

    >>> function_text(len)
    'len'
    """
    return _text(function, _DEEP)


def _text(function: Callable[..., Any], deep: int) -> str:
    if isinstance(function, partial):
        bound = f"{short_text(function.args)}, {short_text(function.keywords)}"
        return f"partial({_text(function.func, deep)}, {bound})"
    if inspect.ismethod(function):
        return f"{_text(function.__func__, deep)} of {_value_text(function.__self__, deep)}"
    named = function if hasattr(function, "__qualname__") else type(function)
    text = f"{named.__qualname__} {_digest(named)}".rstrip()
    if inspect.isfunction(function):
        around = {name: _value_text(value, deep) for name, value in _around(function).items()}
    else:
        around = {} if named is function else vars(function)
    return f"{text} {short_text(around)}" if around else text


def _digest(named: Any) -> str:
    try:
        source = inspect.getsource(named)
    except (OSError, TypeError):  # typed into a prompt, or compiled
        source = _compiled(named)
    return sha256(source.encode()).hexdigest()[:12] if source else ""


def _compiled(value: Any) -> str:
    """What a function, or each function of a class, was compiled to; "" where that is not Python's."""
    if isinstance(value, type):
        return str({name: _compiled(own) or short_text(own) for name, own in vars(value).items()})
    code = value if isinstance(value, CodeType) else getattr(value, "__code__", None)
    if code is None:
        return ""
    constants = [
        _compiled(own) or (sorted(map(repr, own)) if isinstance(own, frozenset) else repr(own))
        for own in code.co_consts
    ]
    return f"{code.co_code.hex()} {code.co_names} {code.co_varnames} {constants}"


def _around(function: Any) -> dict[str, Any]:
    """Values that it reads beside its arguments, without what other modules define."""
    found = inspect.getclosurevars(function)
    own = {
        name: value
        for name, value in found.globals.items()
        if isinstance(value, (bool, int, float, str, tuple))
        or getattr(value, "__module__", None) == function.__module__
    }
    parameters = inspect.signature(function).parameters.values()
    defaults = {f"{one.name}=": one.default for one in parameters if one.default is not one.empty}
    return {**own, **found.nonlocals, **defaults}


def _value_text(value: Any, deep: int) -> str:
    if isinstance(value, (partial, FunctionType, MethodType, type)):
        return _text(value, deep - 1) if deep else short_text(value)
    told = isinstance(value, (ModuleType, Tensor)) or hasattr(value, "get_params")
    if told or not hasattr(value, "__dict__"):
        return short_text(value)
    return f"{type(value).__qualname__} {short_text(vars(value))}"
