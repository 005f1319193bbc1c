"""Pages in a real browser: drawn, silent, operable by keyboard, on a phone, on paper, and not broken into.

Needs chromium, chromedriver (Debian's chromium-driver) and Python's selenium, and is skipped, visibly, where
one of them is missing; where TORCHSMOTE_BROWSER is set, as `.ci/run` does once it has them, that is a
failure.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
from pathlib import Path
from urllib.parse import unquote, urlparse

import pytest
from evaluate.comparison_cases import HOSTILE_CLASSES, HOSTILE_METHODS, comparison
from evaluate.diagnosis_cases import diagnosis
from evaluate.hostile import FOREIGN, FORMULA, IMAGE, SCRIPT

from torchsmote.evaluate.comparison.page import comparison_page
from torchsmote.evaluate.diagnosis.page import diagnosis_page
from torchsmote.evaluate.report.write import write_page

try:
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service
    from selenium.webdriver.common.keys import Keys
    from selenium.webdriver.support.ui import WebDriverWait
except ImportError:
    webdriver = None

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
DRIVER = shutil.which("chromedriver")
THERE = {"chromium": CHROMIUM, "chromedriver": DRIVER, "selenium": webdriver}
MISSING = [name for name, found in THERE.items() if not found]
FLAGS = (
    "headless=new",
    "no-sandbox",  # which a container has no rights for
    "disable-gpu",
    "disable-dev-shm-usage",
    "disable-quic",
    "disable-sync",
    "disable-background-networking",
    "disable-component-update",
    "no-first-run",
)

OPEN = "for (const details of document.querySelectorAll('details')) details.open = true"


@pytest.fixture(scope="module")
def driver(tmp_path_factory):
    if MISSING and os.environ.get("TORCHSMOTE_BROWSER"):
        pytest.fail(f"TORCHSMOTE_BROWSER is set, but not found: {', '.join(MISSING)}")
    if MISSING:
        pytest.skip(f"needs {', '.join(MISSING)}")
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in (*FLAGS, f"user-data-dir={tmp_path_factory.mktemp('browser')}"):
        options.add_argument(f"--{flag}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    made = webdriver.Chrome(options=options, service=Service(DRIVER))
    yield made
    made.quit()


@pytest.fixture(scope="module")
def paths(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    pages = {
        "comparison": comparison_page(comparison()),
        "diagnosis": diagnosis_page(diagnosis()),
        "hostile comparison": comparison_page(comparison(HOSTILE_CLASSES, HOSTILE_METHODS)),
        "hostile diagnosis": diagnosis_page(diagnosis(HOSTILE_CLASSES, SCRIPT)),
    }
    return {name: write_page(page, folder / f"{name}.html") for name, page in pages.items()}


@pytest.fixture(params=["comparison", "diagnosis", "hostile comparison", "hostile diagnosis"])
def page(request, driver, paths):
    """The page, loaded afresh at 1280 x 900."""
    driver.get_log("performance")
    driver.get_log("browser")
    return opened(driver, paths[request.param], 1280)


def opened(driver, path: Path, width: int):
    driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600},
    )
    driver.get(path.as_uri())
    return driver


def test_a_page_is_drawn_in_silence_and_asks_for_nothing(page):
    page.execute_script(OPEN)
    broken = page.execute_script(
        "return [...document.images].filter(i => !(i.complete && i.naturalWidth && i.naturalHeight)).length"
    )
    assert broken == 0
    assert page.execute_script("return document.images.length") >= 3
    assert [entry for entry in page.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")] == []
    events = [json.loads(entry["message"])["message"] for entry in page.get_log("performance")]
    asked = {
        event["params"]["request"]["url"]
        for event in events
        if event["method"] == "Network.requestWillBeSent"
    }
    assert {url.partition(":")[0] for url in asked} <= {"file", "data"}
    assert len([url for url in asked if url.startswith("file:")]) == 1


def test_text_of_the_table_is_shown_and_not_run(page):
    assert page.execute_script("return window.hacked === undefined")
    scripts = page.execute_script("return [...document.scripts].map(s => s.type)")
    assert scripts == ["application/json", ""]
    assert page.execute_script("return JSON.parse(document.getElementById('data').textContent) !== null")
    page.execute_script(OPEN)
    if "hostile" in page.current_url:
        shown = page.execute_script("return document.body.innerText")
        for text in (SCRIPT, IMAGE, FORMULA, FOREIGN):
            assert text in shown


def test_a_script_that_came_in_would_not_run(page):
    page.execute_script(
        "const script = document.createElement('script'); script.textContent = 'window.hacked = 1';"
        "document.body.append(script); document.body.insertAdjacentHTML('beforeend', arguments[0])",
        '<img src="https://example.org/x.png" onerror="hacked=1">',
    )
    assert page.execute_script("return window.hacked === undefined")
    refused = [entry["message"] for entry in page.get_log("browser") if entry["level"] == "SEVERE"]
    assert any("Content Security Policy" in message for message in refused)


@pytest.mark.parametrize("width", [360, 1280])
def test_the_page_is_never_wider_than_the_screen(page, width):
    opened(page, Path(unquote(urlparse(page.current_url).path)), width)
    page.execute_script(OPEN)
    wide = page.execute_script(
        "const w = document.documentElement.clientWidth;"
        "const scrolled = (e) => e.parentElement.closest('.scroll, svg, pre');"
        "const out = (e) => !scrolled(e) && e.getBoundingClientRect().right > w + 1;"
        "const all = [...document.querySelectorAll('main *')].filter(out).map(e => e.outerHTML.slice(0, 80));"
        "return [document.documentElement.scrollWidth - w, all]"
    )
    assert wide == [0, []]
    smallest = page.execute_script(
        "const shown = [...document.images].filter(i => i.offsetWidth);"
        "return Math.min(...shown.map(i => i.offsetWidth / i.getAttribute('width')))"
    )
    assert smallest > 0.7  # of its size in points: 9 points are 8 pixels then


def test_every_control_is_reached_by_tab_and_shows_it(page):
    # Those that take part: shown, and not taken out of the order.
    wanted = page.execute_script(
        "const all = [...document.querySelectorAll('a[href], button, select, summary, pre, .scroll')]"
        ".filter(e => e.checkVisibility()); all.forEach((e, n) => { e.dataset.n = n; }); return all.length"
    )
    seen, unmarked = set(), []
    page.execute_script("document.activeElement.blur()")
    body = page.find_element("tag name", "body")
    body.send_keys(Keys.TAB)
    for _ in range(wanted + 5):
        number, outline = page.execute_script(
            "const e = document.activeElement; return [e.dataset.n ?? null, getComputedStyle(e).outlineStyle]"
        )
        if number is None or number in seen:
            break
        seen.add(number)
        unmarked += [number] if outline == "none" else []
        page.switch_to.active_element.send_keys(Keys.TAB)
    assert len(seen) == wanted
    assert unmarked == []


def test_the_skip_link_leads_to_the_findings(page):
    page.find_element("tag name", "body").send_keys(Keys.TAB)
    link = page.switch_to.active_element
    assert link.text.startswith("Skip")
    link.send_keys(Keys.ENTER)
    assert page.execute_script("return document.activeElement.id") == "main"


def test_tables_are_sorted_by_keyboard(driver, paths):
    opened(driver, paths["comparison"], 1280)
    column = (
        "return [...document.querySelector('.sortable').tBodies[0].rows].map(r => r.cells[1].textContent)"
    )
    head = driver.find_element("css selector", "table.sortable th:nth-child(2)")
    for key, order, reverse in ((Keys.ENTER, "descending", True), (Keys.SPACE, "ascending", False)):
        head.find_element("tag name", "button").send_keys(key)
        values = [float(text.split()[0]) for text in driver.execute_script(column)]
        assert values == sorted(values, reverse=reverse)
        assert head.get_attribute("aria-sort") == order


def test_details_choices_and_copies_work_by_keyboard(driver, paths):
    opened(driver, paths["comparison"], 1280)
    details = driver.find_element("tag name", "details")
    details.find_element("tag name", "summary").send_keys(Keys.ENTER)
    assert details.get_attribute("open") is not None
    details.find_element("tag name", "summary").send_keys(Keys.SPACE)
    assert details.get_attribute("open") is None

    choice = driver.find_elements("css selector", ".choice")[-1]
    shown = "return [...arguments[0].querySelectorAll('.option')].map(o => o.checkVisibility())"
    assert driver.execute_script(shown, choice) == [True, False]
    choice.find_element("tag name", "select").send_keys(Keys.ARROW_DOWN)
    assert driver.execute_script(shown, choice) == [False, True]

    button = driver.find_elements("css selector", ".code button")[-1]
    button.send_keys(Keys.SPACE)
    said = "return document.getElementById('announcer').textContent"
    assert WebDriverWait(driver, 5).until(lambda d: d.execute_script(said)) in ("Copied", "Selected")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast_is_that_of_wcag_aa(page, scheme):
    page.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    )
    page.execute_script(OPEN)
    low = page.execute_script(CONTRAST)
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    assert low == []


# Ratio of each shown text to the nearest ground behind it, as WCAG 2 defines it.
CONTRAST = """
const parts = (c) => (c.match(/[\\d.]+/g) || []).map(Number);
const linear = (v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
const light = (c) => { const [r, g, b] = parts(c).slice(0, 3).map(v => linear(v / 255));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
const ground = (e) => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor;
  if ((parts(c)[3] ?? 1) === 1) return c; } return "rgb(255, 255, 255)"; };
const low = new Set();
const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walk.nextNode()) { const e = walk.currentNode.parentElement;
  if (!walk.currentNode.textContent.trim() || !e.checkVisibility() || e.closest("script")) continue;
  const [a, b] = [light(getComputedStyle(e).color), light(ground(e))];
  const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  if (ratio < 4.5) low.add(`${e.tagName}.${e.className} ${ratio.toFixed(2)}`); }
return [...low];
"""


def test_a_page_prints_with_everything_on_it(page):
    printed = base64.b64decode(page.execute_cdp_cmd("Page.printToPDF", {})["data"])
    assert printed.startswith(b"%PDF")
    assert printed.count(b"/Type /Page\n") >= 2
    assert page.execute_script("return document.querySelectorAll('details[open]').length") == 0  # again
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    hidden = page.execute_script(
        "return [...document.querySelectorAll('main .option, main details > *, main figure')]"
        ".filter(e => !e.checkVisibility({contentVisibilityAuto: true})).length"
    )
    shown = page.execute_script(
        "return [...document.querySelectorAll('nav, select, .code button')].filter(e => e.offsetWidth)"
    )
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    assert hidden == 0
    assert shown == []


def test_without_scripts_everything_is_there(driver, paths):
    driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        opened(driver, paths["comparison"], 1280)
    finally:
        driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    hidden = "return [...document.querySelectorAll('.option')].filter(o => !o.checkVisibility()).length"
    assert driver.execute_script(hidden) == 0
    assert driver.find_elements("tag name", "button") == []
    assert driver.find_elements("tag name", "select") == []
