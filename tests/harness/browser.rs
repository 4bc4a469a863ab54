//! The HTML report in a real browser: filters, search, keys, details, themes, print.
//!
//! Skipped with a message if Chromium or chromedriver is missing.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use crate::common::wrong_server;
use crate::matrix;
use ec2wire_conformance::Verdict;
use ec2wire_conformance::format::aspect::Aspect;
use ec2wire_conformance::record::RunRecord;
use ec2wire_conformance::report::{self, Format, Settings};
use std::io::Write as _;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::rc::Rc;
use std::time::Duration;
use thirtyfour::prelude::*;
use tokio::task::LocalSet;

/// A browser, and its profile folder, which is deleted with it.
struct Browser {
    driver: WebDriver,
    folder: PathBuf,
}

impl Browser {
    /// A headless Chromium with an empty profile, and the chromedriver that controls it; `None` if the
    /// programs are missing.
    async fn start(name: &str) -> Option<(Self, Child)> {
        let there = |program: &str| Command::new(program).arg("--version").output().is_ok();
        if !there("chromium") || !there("chromedriver") {
            // Bypasses the capture of test output, so that it is visible.
            let word = "skipped: chromium or chromedriver is missing";
            let _ = writeln!(std::io::stderr(), "{word}");
            return None;
        }
        let folder = std::env::temp_dir().join(format!("ec2wire-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let port = {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
            listener.local_addr().unwrap().port()
        };
        let server = Command::new("chromedriver")
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut capabilities = DesiredCapabilities::chrome();
        for argument in [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ] {
            capabilities.add_arg(argument).unwrap();
        }
        let profile = folder.join("profile");
        capabilities
            .add_arg(&format!("--user-data-dir={}", profile.display()))
            .unwrap();
        let url = format!("http://127.0.0.1:{port}");
        let mut tries = 0;
        let driver = loop {
            match WebDriver::new(&url, capabilities.clone()).await {
                Ok(driver) => break driver,
                Err(error) => assert!(tries < 100, "{error}"),
            }
            tries += 1;
            tokio::time::sleep(Duration::from_millis(100)).await;
        };
        Some((Self { driver, folder }, server))
    }

    /// Writes the record's page and opens it.
    async fn open(&self, record: &RunRecord) -> PathBuf {
        let path = self.folder.join("report.html");
        let file = std::fs::File::create(&path).unwrap();
        report::write(Format::Html, file, record, &Settings::default()).unwrap();
        self.driver.goto(address(&path)).await.unwrap();
        path
    }

    async fn one(&self, css: &str) -> WebElement {
        self.driver.find(By::Css(css)).await.unwrap()
    }

    /// Runs a script and returns its result.
    async fn js<T: serde::de::DeserializeOwned>(&self, script: &str) -> T {
        let returned = self.driver.execute(script, vec![]).await.unwrap();
        returned.convert().unwrap()
    }

    /// The ids of the visible cases, without the page's prefix.
    async fn shown(&self) -> Vec<String> {
        self.js("return [...document.querySelectorAll('details.case')]
                .filter(e => e.checkVisibility()).map(e => e.querySelector('.id').textContent)")
            .await
    }

    async fn press(&self, keys: impl Into<TypingData>) {
        self.driver
            .action_chain()
            .send_keys(keys.into())
            .perform()
            .await
            .unwrap();
    }
}

/// Runs a test in its own browser, and always ends that browser afterwards.
async fn in_browser<T: Future<Output = ()> + 'static>(
    name: &str,
    test: impl FnOnce(Rc<Browser>) -> T,
) {
    let Some((browser, mut server)) = Browser::start(name).await else {
        return;
    };
    let browser = Rc::new(browser);
    // In a separate task, so that a panic does not skip the cleanup.
    let local = LocalSet::new();
    let done = local.spawn_local(test(Rc::clone(&browser)));
    let done = local.run_until(done).await;
    let quit = browser.driver.clone().quit().await;
    server.kill().unwrap();
    server.wait().unwrap();
    std::fs::remove_dir_all(&browser.folder).unwrap();
    if let Err(failed) = done {
        std::panic::resume_unwind(failed.into_panic());
    }
    quit.unwrap();
}

fn address(path: &Path) -> String {
    format!("file://{}", path.display())
}

fn ids(record: &RunRecord, test: impl Fn(&ec2wire_conformance::CaseRecord) -> bool) -> Vec<String> {
    // In the page's order: by phase, then as in the record.
    let mut cases: Vec<_> = record.cases.iter().filter(|case| test(case)).collect();
    cases.sort_by_key(|case| case.phase);
    cases.into_iter().map(|case| case.id.clone()).collect()
}

#[tokio::test]
async fn rows_are_filtered_and_searched() {
    in_browser("filters", |browser| async move {
        let record = wrong_server::record().await;
        browser.open(&record).await;
        assert_eq!(browser.shown().await, ids(&record, |_| true));

        // Filters by verdict, level and phase, and together.
        browser
            .one("[data-value='fail']")
            .await
            .click()
            .await
            .unwrap();
        let failed = |case: &ec2wire_conformance::CaseRecord| case.verdict == Verdict::Fail;
        assert_eq!(browser.shown().await, ids(&record, failed));
        browser
            .one("[data-value='envelope']")
            .await
            .click()
            .await
            .unwrap();
        let both = ids(&record, |case| {
            failed(case) && case.phase.as_str() == "envelope"
        });
        assert!(!both.is_empty());
        assert_eq!(browser.shown().await, both);
        let pressed = browser
            .one("[data-value='fail']")
            .await
            .attr("aria-pressed")
            .await;
        assert_eq!(pressed.unwrap().as_deref(), Some("true"));
        let count = browser.one("#shown").await.text().await.unwrap();
        assert_eq!(count, format!("{} of {}", both.len(), record.cases.len()));
        browser.one("#reset").await.click().await.unwrap();
        assert_eq!(browser.shown().await.len(), record.cases.len());
        browser
            .one("[data-value='should']")
            .await
            .click()
            .await
            .unwrap();
        let should = ids(&record, |case| {
            case.shown_level() == ec2wire_conformance::Level::Should
        });
        assert_eq!(browser.shown().await, should);
        browser.one("#reset").await.click().await.unwrap();

        // Search, by the keyboard: by id, then by a requirement that only the details name.
        browser.press("/").await;
        browser.press("KEY-129").await;
        let found = ids(&record, |case| case.id.contains("key-129"));
        assert!(found.len() >= 3);
        assert_eq!(browser.shown().await, found);
        browser.press(Key::Escape).await;
        browser.press("response-state-new").await;
        assert_eq!(
            browser.shown().await,
            ids(&record, |case| case.id.ends_with("/state"))
        );
        browser.press(Key::Escape).await;
        browser.press("nothing has this").await;
        assert!(browser.one("#nothing").await.is_displayed().await.unwrap());
        browser.press(Key::Escape).await;

        // Moves from the search to the first rows, and opens the second.
        browser.press(Key::Down).await;
        browser.press(Key::Down).await;
        browser.press(Key::Enter).await;
        let open: Vec<String> = browser
            .js("return [...document.querySelectorAll('details.case[open]')]
                .map(e => e.querySelector('.id').textContent)")
            .await;
        assert_eq!(open, ids(&record, |_| true).get(1..2).unwrap());
    })
    .await;
}

#[tokio::test]
async fn a_finding_leads_to_its_case() {
    in_browser("finding", |browser| async move {
        let path = browser.open(&wrong_server::record().await).await;
        // The link of a finding opens the case, even one that a filter hides.
        browser
            .one("[data-value='pass']")
            .await
            .click()
            .await
            .unwrap();
        let about = "//details[contains(@class, 'finding')][.//a[contains(., 'response/arn')]]";
        let finding = browser.driver.find(By::XPath(about)).await.unwrap();
        let headline = finding.find(By::Css("summary")).await.unwrap();
        headline.click().await.unwrap();
        let link = finding.find(By::Css("a")).await.unwrap();
        link.click().await.unwrap();
        let case = browser.one("[id$='response/arn']").await;
        assert!(case.is_displayed().await.unwrap());
        let text = case.text().await.unwrap();
        for part in [
            "ipamPolicyArn is the policy's ARN",
            "AWS service reference",
            "POST http://127.0.0.1:4566/ HTTP/1.1",
            "Action=CreateIpamPolicy",
            "<state>available</state>",
            "curl -sS",
            "ec2wire replay run.ndjson create-ipam-policy/response/arn",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        let mark = case.find(By::Css(".message mark")).await.unwrap();
        assert!(
            mark.text()
                .await
                .unwrap()
                .starts_with("arn:aws:ec2:us-east-1:")
        );

        // The theme follows the button, and stays.
        let paper = "return getComputedStyle(document.body).backgroundColor";
        let before: String = browser.js(paper).await;
        browser.one("#theme").await.click().await.unwrap();
        let after: String = browser.js(paper).await;
        assert_ne!(before, after);
        browser.driver.goto(address(&path)).await.unwrap();
        assert_eq!(browser.js::<String>(paper).await, after);

        // Nothing is loaded from elsewhere.
        let loaded: usize = browser
            .js("return performance.getEntriesByType('resource').length")
            .await;
        assert_eq!(loaded, 0);
    })
    .await;
}

/// Every text whose contrast with its background is below WCAG AA.
const CONTRAST: &str = r"
    const parse = text => text.match(/[\d.]+/g).map(Number);
    const light = ([r, g, b]) => [r, g, b]
        .map(v => v / 255)
        .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
        .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
    const behind = element => {
        for (let e = element; e; e = e.parentElement) {
            const color = parse(getComputedStyle(e).backgroundColor);
            if (color.length < 4 || color[3] > 0) { return color; }
        }
        return [255, 255, 255];
    };
    const poor = new Set();
    for (const element of document.querySelectorAll('body *')) {
        const own = [...element.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
        if (!own || !element.checkVisibility()) { continue; }
        const [a, b] = [light(parse(getComputedStyle(element).color)), light(behind(element))];
        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        if (ratio < 4.5) { poor.add(element.tagName + '.' + element.className + ' ' + ratio.toFixed(2)); }
    }
    return [...poor];
";

#[tokio::test]
async fn texts_are_legible_and_fit_in_both_themes() {
    in_browser("themes", |browser| async move {
        browser.open(&wrong_server::record().await).await;
        let () = browser
        .js("for (const e of document.querySelectorAll('details')) { e.open = true; } return null")
        .await;
        browser
            .one("[data-value='fail']")
            .await
            .click()
            .await
            .unwrap();
        for _ in 0..2 {
            assert_eq!(browser.js::<Vec<String>>(CONTRAST).await, [""; 0]);
            browser.one("#theme").await.click().await.unwrap();
        }
        // A narrow window scrolls only vertically.
        browser
            .driver
            .set_window_rect(0, 0, 500, 800)
            .await
            .unwrap();
        let over: i64 = browser
        .js("return document.documentElement.scrollWidth - document.documentElement.clientWidth")
        .await;
        assert_eq!(over, 0);
        // No window is as narrow as a phone, but the body can be.
        let over: i64 = browser
            .js("document.body.style.width = '400px'; \
                 return document.body.scrollWidth - document.body.clientWidth")
            .await;
        assert_eq!(over, 0);
    })
    .await;
}

#[tokio::test]
async fn a_cell_of_the_matrix_leads_to_its_cases() {
    in_browser("matrix", |browser| async move {
        let record = matrix::record().await;
        browser.open(record).await;
        // By the keyboard alone.
        let () = browser
            .js("document.querySelector(\".matrix a[data-cell='vpc filters']\").focus(); return null")
            .await;
        browser.press(Key::Enter).await;
        let of_cell = ids(record, |case| {
            case.resource.as_deref() == Some("vpc") && case.aspect == Some(Aspect::Filters)
        });
        assert!(of_cell.len() > 5);
        assert_eq!(browser.shown().await, of_cell);
        let focused: String = browser
            .js("return document.activeElement.querySelector('.id').textContent")
            .await;
        assert_eq!(Some(&focused), of_cell.first());
        // The button says what is shown, and takes it back.
        let cell = browser.one("#cell").await;
        assert_eq!(cell.text().await.unwrap(), "vpc filters \u{d7}");
        cell.click().await.unwrap();
        assert!(!cell.is_displayed().await.unwrap());
        assert_eq!(browser.shown().await.len(), record.cases.len());
        for _ in 0..2 {
            assert_eq!(browser.js::<Vec<String>>(CONTRAST).await, [""; 0]);
            browser.one("#theme").await.click().await.unwrap();
        }
        // On a narrow page, only the table scrolls sideways.
        browser
            .driver
            .set_window_rect(0, 0, 500, 800)
            .await
            .unwrap();
        let over: Vec<i64> = browser
            .js("document.body.style.width = '400px'; \
                 const over = e => e.scrollWidth - e.clientWidth; \
                 return [over(document.body), over(document.querySelector('.scroll'))]")
            .await;
        let [page, table] = over.try_into().unwrap();
        assert!(page == 0 && table > 0, "{page} {table}");
    })
    .await;
}

#[tokio::test]
async fn a_hostile_server_cannot_inject_into_the_page() {
    in_browser("hostile", |browser| async move {
    let mut record = wrong_server::record().await;
    let hostile = "</pre></script><script>window.hacked = 1</script>\
        <img src=x onerror='window.hacked = 1'><style>body { display: none }</style>\u{2028}";
    for case in &mut record.cases {
        case.note = hostile.into();
        for deviation in &mut case.deviations {
            deviation.found = hostile.into();
        }
        let response = case.exchange.as_mut().and_then(|e| e.response.as_mut());
        if let Some(response) = response {
            response.body = hostile.into();
            response.start = format!("HTTP/1.1 200 {hostile}");
            response.headers.push((hostile.into(), hostile.into()));
        }
    }
    browser.open(&record).await;
    let () = browser
        .js("for (const e of document.querySelectorAll('details')) { e.open = true; } return null")
        .await;
    let hacked: bool = browser
        .js("return 'hacked' in window || document.images.length > 0 || document.scripts.length !== 1")
        .await;
    assert!(!hacked);
    assert_eq!(browser.shown().await.len(), record.cases.len());
    // Even injected markup could not run, because of the page's policy.
    let ran: bool = browser
        .js("const s = document.createElement('script');
             s.textContent = 'window.injected = 1';
             document.body.append(s);
             return 'injected' in window")
        .await;
    assert!(!ran);
    })
    .await;
}

#[tokio::test]
async fn two_thousand_cases_are_filtered() {
    in_browser("many", |browser| async move {
        let mut record = wrong_server::record().await;
        let some = record.cases.clone();
        while record.cases.len() < 2000 {
            for case in &some {
                let mut case = case.clone();
                case.id = format!("more/{}/{}", record.cases.len(), case.id);
                record.cases.push(case);
            }
        }
        record.summary.total = record.cases.len();
        browser.open(&record).await;
        assert_eq!(browser.shown().await.len(), record.cases.len());
        browser
            .one("[data-value='warn']")
            .await
            .click()
            .await
            .unwrap();
        let warned = ids(&record, |case| case.verdict == Verdict::Warn);
        assert_eq!(browser.shown().await, warned);
    })
    .await;
}

#[tokio::test]
async fn details_open_without_the_script() {
    in_browser("no-script", |browser| async move {
        let record = wrong_server::record().await;
        let path = browser.open(&record).await;
        let page = std::fs::read_to_string(&path).unwrap();
        let (before, after) = page.split_once("<script>").unwrap();
        let after = after.split_once("</script>").unwrap().1;
        std::fs::write(&path, format!("{before}{after}")).unwrap();
        browser.driver.refresh().await.unwrap();
        assert_eq!(browser.shown().await.len(), record.cases.len());
        for hidden in ["#filters", "#theme"] {
            assert!(!browser.one(hidden).await.is_displayed().await.unwrap());
        }
        let row = browser.one("[id$='response/state'] > summary").await;
        row.click().await.unwrap();
        let exchange = browser.one("[id$='response/state'] .exchange").await;
        assert!(exchange.is_displayed().await.unwrap());
    })
    .await;
}
