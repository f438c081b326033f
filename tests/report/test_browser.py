"""The page in a real browser: it draws itself, answers to mouse and keyboard, and takes no text for markup."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
if not (CHROMIUM and DRIVER):
    pytest.skip("no chromium and chromedriver here: apt-get install chromium chromium-driver", allow_module_level=True)

from selenium.webdriver import ActionChains, Chrome, ChromeOptions, ChromeService, Keys  # noqa: E402
from selenium.webdriver.common.by import By  # noqa: E402
from selenium.webdriver.remote.webelement import WebElement  # noqa: E402
from selenium.webdriver.support.ui import Select, WebDriverWait  # noqa: E402

from tests.report.conftest import HOSTILE  # noqa: E402
from tests.report.test_page import data_of  # noqa: E402

QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
)  # fmt: skip


@pytest.fixture(scope="module")
def chrome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    options = ChromeOptions()
    options.binary_location = CHROMIUM or ""
    profile = tmp_path_factory.mktemp("profile")
    for argument in (*QUIET, f"--user-data-dir={profile}", "--window-size=1280,800"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = Chrome(service=ChromeService(DRIVER), options=options)
    yield driver
    driver.quit()


@pytest.fixture
def browser(chrome: Chrome) -> Iterator[Chrome]:
    """Afterwards nothing may have been told on the console: no error, no breach of the policy."""
    yield chrome
    assert chrome.get_log("browser") == []


def visit(browser: Chrome, page: Path, address: str = "") -> None:
    browser.get("about:blank")
    browser.get(page.as_uri() + address)
    browser.execute_script("document.documentElement.style.scrollBehavior = 'auto'")  # a click waits for no scrolling


def all_of(browser: Chrome, selector: str) -> list[WebElement]:
    return browser.find_elements(By.CSS_SELECTOR, selector)


def one(browser: Chrome, selector: str) -> WebElement:
    return browser.find_element(By.CSS_SELECTOR, selector)


def wait(browser: Chrome, selector: str) -> WebElement:
    return WebDriverWait(browser, 10).until(lambda driver: driver.find_element(By.CSS_SELECTOR, selector))


def test_the_first_view_shows_sentence_map_findings_and_models(browser: Chrome, churn: Path) -> None:
    visit(browser, churn)
    data = data_of(churn)
    assert one(browser, "h1").text == data["sentence"]
    assert len(all_of(browser, "#map-drawing .box")) == len(data["map"]["boxes"])
    first = all_of(browser, "#first-list .finding .message")
    assert len(first) == 5 and first[0].text == data["findings"][0]["message"].replace("`", "")
    assert len(all_of(browser, "#models-table tbody tr")) == len(data["models"]["rows"])
    assert "not found" in one(browser, "#models-table").text
    for selector in ("#map", "#first"):
        box = one(browser, selector).rect
        assert box["y"] + box["height"] < 860, "nothing to scroll"


def test_pointing_at_a_finding_lights_its_way_on_the_map(browser: Chrome, churn: Path) -> None:
    visit(browser, churn)
    card = one(browser, "#first-list .finding")
    ActionChains(browser).move_to_element(card).perform()
    lit = data_of(churn)["findings"][0]["lit"]
    assert len(all_of(browser, "#map-drawing .box.lit")) == len(lit["boxes"]) > 0
    assert len(all_of(browser, "#map-drawing .link.lit")) == len(lit["flows"])
    ActionChains(browser).move_to_element(one(browser, "h1")).perform()
    assert not all_of(browser, "#map-drawing .box.lit")
    card.find_element(By.TAG_NAME, "summary").send_keys(Keys.ENTER)
    assert all_of(browser, "#map-drawing .box.lit"), "without a mouse, too"


def test_search_and_filters_leave_what_fits(browser: Chrome, churn: Path) -> None:
    visit(browser, churn)
    everything = data_of(churn)["findings"]
    search = one(browser, "#findings-filter input")
    search.send_keys("tune.py")
    told = [place.text for place in all_of(browser, "#findings-list .finding summary .place")]
    assert 0 < len(told) < len(everything)
    search.clear()
    search.send_keys(Keys.SPACE)
    Select(one(browser, "#findings-filter select[name=severity]")).select_by_value("error")
    errors = [finding for finding in everything if finding["severity"] == "error"]
    assert len(all_of(browser, "#findings-list .finding")) == len(errors)
    assert one(browser, "#findings-count").text == f"{len(errors)} of {len(everything)} findings"


def test_every_finding_has_an_address_that_opens_it(browser: Chrome, churn: Path) -> None:
    last = data_of(churn)["findings"][-1]
    visit(browser, churn, f"#finding-{last['id']}")
    card = browser.find_element(By.ID, f"finding-{last['id']}")
    assert card.get_attribute("open") == "true" and card.is_displayed()
    focused = browser.switch_to.active_element.text
    assert last["rule"] in focused


def test_the_graph_opens_folder_by_folder_to_the_evidence(browser: Chrome, churn: Path) -> None:
    visit(browser, churn)
    browser.execute_script("document.getElementById('graph').scrollIntoView()")
    wait(browser, "#graph-drawing .box")
    search = one(browser, "#graph-search")
    search.send_keys("churn/training/train.py", Keys.ENTER)
    assert one(browser, "#graph-path b").text == "train.py"
    things = len(all_of(browser, "#graph-drawing .box"))
    chip = one(browser, "#graph-kinds .chip.step")
    chip.click()
    assert chip.get_attribute("aria-pressed") == "false"
    assert len(all_of(browser, "#graph-drawing .box")) < things
    chip.click()
    model = one(browser, "#graph-drawing .box.model")
    browser.execute_script("arguments[0].dispatchEvent(new MouseEvent('click', {bubbles: true}))", model)
    assert "Comes from" in one(browser, "#graph-side").text
    assert "churn/training/train.py:30" in one(browser, "#graph-side").text


def test_a_trail_is_lit_in_the_graph(browser: Chrome, churn: Path) -> None:
    visit(browser, churn)
    told = next(finding for finding in data_of(churn)["findings"] if len(finding["trail"]) > 2)
    browser.execute_script("document.getElementById('graph').scrollIntoView()")
    wait(browser, "#graph-drawing .box")
    Select(one(browser, "#graph-trail")).select_by_value(told["id"])
    assert all_of(browser, "#graph-drawing .box.lit")
    assert len(all_of(browser, "#graph-side .trail li")) == len(told["trail"])


def test_all_of_it_works_with_the_keyboard(browser: Chrome, churn: Path) -> None:
    visit(browser, churn)
    body = one(browser, "body")
    body.send_keys(Keys.TAB)
    assert browser.switch_to.active_element.get_attribute("class") == "skip"
    box = one(browser, "#map-drawing .box[role=button]")
    assert box.get_attribute("tabindex") == "0" and box.get_attribute("aria-label")
    summary = one(browser, "#first-list summary")
    browser.execute_script("arguments[0].focus()", summary)
    browser.switch_to.active_element.send_keys(Keys.ENTER)
    wait(browser, "#first-list .finding[open] .body")  # it is drawn once the browser tells that the finding is open
    browser.execute_script("document.getElementById('graph').scrollIntoView()")
    folder = wait(browser, "#graph-drawing .box.folder")
    browser.execute_script("arguments[0].focus()", folder)
    browser.switch_to.active_element.send_keys(Keys.ENTER)
    assert len(all_of(browser, "#graph-path button")) == 1


def test_nothing_that_can_be_pressed_is_without_a_name(browser: Chrome, churn: Path) -> None:
    visit(browser, churn)
    browser.execute_script("document.getElementById('graph').scrollIntoView()")
    wait(browser, "#graph-drawing .box")
    nameless = browser.execute_script(
        "return [...document.querySelectorAll('button, a, select, input, [role=button]')]"
        ".filter((one) => !one.hidden)"
        ".filter((one) => !(one.textContent.trim() || one.getAttribute('aria-label') || one.labels?.length))"
        ".map((one) => one.outerHTML)"
    )
    assert nameless == []


@pytest.mark.parametrize("width", [420, 1280])
def test_the_page_is_never_wider_than_the_window(browser: Chrome, churn: Path, width: int) -> None:
    size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    visit(browser, churn)
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_a_hostile_name_stays_text(browser: Chrome, hostile: Path) -> None:
    visit(browser, hostile)
    browser.execute_script("document.getElementById('graph').scrollIntoView()")
    wait(browser, "#graph-drawing .box")
    for summary in all_of(browser, "#findings-list summary"):
        browser.execute_script("arguments[0].click()", summary)
    one(browser, "#graph-search").send_keys("onerror", Keys.ENTER)
    assert browser.title == "repo: mldebt report"
    assert all_of(browser, "img") == [] and len(all_of(browser, "script")) == 2
    assert HOSTILE in one(browser, "#graph-path").text
    assert HOSTILE in one(browser, "#findings-list").text
