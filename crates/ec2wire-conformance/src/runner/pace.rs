//! What a run learns from waiting. What paid off once is waited for a little longer than that; what
//! never came is waited for only briefly.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::time::Duration;

/// How many whole waits for answers, or for states, may be in vain.
const WHOLE: u32 = 2;
/// After that many waits of a kind in vain, and none that paid off, nothing more of it is tried.
const HOPELESS: u32 = 5;
/// After that many waits of any kind in vain, one after the other, the subject may answer nothing.
const SILENT: u32 = 8;
/// The first brief wait: a part of the whole, and no longer than this.
const BRIEF_PART: u32 = 25;
const LONGEST_BRIEF: Duration = Duration::from_millis(400);
/// Each brief wait in vain makes the next one of its kind shorter, by so many percent. So does each
/// wait of other kinds, until one pays off.
const LESS: u32 = 20;
/// The first wait of a kind that never became right: a part of the whole, since what came late twice
/// may come sooner now. No later one is shorter than the least.
const SETTLED_PART: u32 = 6;
const LEAST_SETTLED: Duration = Duration::from_millis(50);
/// A wait that took so long counts as a long one.
const LONG: Duration = Duration::from_secs(1);

/// The waits of a run, by the kind of what they are for.
/// The default learns nothing: all waits are whole.
#[derive(Debug, Default)]
pub(super) struct Pace {
    learns: bool,
    /// Whether waits that pay off end too: those of a kind once they took one and a half times a
    /// whole one in all, and any once all long ones took four times a whole one.
    is_frugal: bool,
    /// How many times longer than the longest wait that paid off the later ones are, in percent.
    margin: u32,
    /// How many whole waits may be in vain.
    most: u32,
    /// How many more, each the first one of another kind.
    firsts: u32,
    /// No wait is shorter.
    shortest: Duration,
    kinds: RefCell<BTreeMap<String, Waits>>,
    /// What all that paid off took.
    spent: Cell<Duration>,
    /// The whole waits in vain.
    whole: Cell<u32>,
    /// Those, and the long ones that paid off.
    long: Cell<u32>,
    /// The waits in vain since one paid off.
    in_a_row: Cell<u32>,
    /// Whether a wait was cut short in vain.
    was_brief: Cell<bool>,
}

/// The waits for one kind.
#[derive(Debug, Clone, Copy, Default)]
struct Waits {
    has_paid: bool,
    /// The longest one that paid off, and all of those together.
    longest: Duration,
    spent: Duration,
    /// Those in vain.
    whole: u32,
    brief: u32,
}

/// How long to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Limit {
    Whole,
    /// What does not come by then may still come.
    Brief(Duration),
    /// What does not come by then does not come: whole waits have shown that, and nothing of its kind
    /// ever came.
    Settled(Duration),
}

impl Limit {
    /// The time, if a whole wait takes `whole`.
    pub(super) fn of(self, whole: Duration) -> Duration {
        match self {
            Self::Whole => whole,
            Self::Brief(brief) | Self::Settled(brief) => brief,
        }
    }
}

impl Pace {
    /// For answers. A machine that is busy for a moment makes them much slower.
    pub(super) fn of_answers() -> Self {
        Self::new(250, Duration::from_millis(100))
    }

    /// For the results of a client's calls. A whole wait is long, so only the first one is.
    pub(super) fn of_calls() -> Self {
        Self {
            most: 0,
            firsts: 1,
            ..Self::new(250, Duration::from_millis(200))
        }
    }

    /// For states that become right by themselves.
    pub(super) fn of_states() -> Self {
        Self {
            is_frugal: true,
            firsts: 2,
            ..Self::new(150, Duration::ZERO)
        }
    }

    fn new(margin: u32, shortest: Duration) -> Self {
        Self {
            learns: true,
            most: WHOLE,
            firsts: 1,
            margin,
            shortest,
            ..Self::default()
        }
    }

    fn waits(&self, kind: &str) -> Waits {
        self.kinds.borrow().get(kind).copied().unwrap_or_default()
    }

    /// How long to wait for what only prepares something: no longer after a whole wait in vain.
    pub(super) fn limit_of_setup(&self, kind: &str, whole: Duration) -> Limit {
        match self.limit(kind, whole) {
            Limit::Whole if self.learns && self.whole.get() > 0 => {
                Limit::Brief(self.brief(kind, whole))
            }
            limit => limit,
        }
    }

    /// How long to wait, if nothing were learned `whole`.
    pub(super) fn limit(&self, kind: &str, whole: Duration) -> Limit {
        if !self.learns || whole.is_zero() {
            return Limit::Whole;
        }
        let waits = self.waits(kind);
        if self.is_frugal {
            if waits.whole >= self.most && !waits.has_paid {
                let settled = shortened(whole / SETTLED_PART, waits.brief);
                return Limit::Settled(settled.max(LEAST_SETTLED).min(whole));
            }
            let vain = whole.saturating_mul(self.whole.get());
            let all = self.spent.get().saturating_add(vain);
            if waits.spent >= whole.saturating_mul(3) / 2 || all >= whole.saturating_mul(4) {
                return Limit::Brief(Duration::ZERO);
            }
        }
        // The first wait of a kind is whole even if others were in vain, but not for ever.
        let is_first = waits.whole == 0 && self.whole.get() < self.most + self.firsts;
        if is_first || self.whole.get() < self.most {
            return Limit::Whole;
        }
        let brief = self.brief(kind, whole);
        if brief < whole {
            Limit::Brief(brief)
        } else {
            Limit::Whole
        }
    }

    /// The length of a brief wait: never less than a little more than the longest that paid off.
    fn brief(&self, kind: &str, whole: Duration) -> Duration {
        let waits = self.waits(kind);
        let longest = if waits.has_paid {
            waits.longest
        } else {
            let kinds = self.kinds.borrow();
            kinds
                .values()
                .map(|waits| waits.longest)
                .max()
                .unwrap_or_default()
        };
        let others = self.in_a_row.get().saturating_sub(self.whole.get());
        let first = LONGEST_BRIEF.min(whole / BRIEF_PART);
        shortened(first, waits.brief.max(others))
            .max(longest.saturating_mul(self.margin) / 100)
            .max(self.shortest)
    }

    /// Notes that something was right at once.
    pub(super) fn right(&self, kind: &str) {
        let mut kinds = self.kinds.borrow_mut();
        kinds.entry(kind.to_owned()).or_default().has_paid = true;
    }

    /// Notes that something came after that time.
    pub(super) fn paid(&self, kind: &str, waited: Duration) {
        self.in_a_row.set(0);
        let mut kinds = self.kinds.borrow_mut();
        let waits = kinds.entry(kind.to_owned()).or_default();
        waits.has_paid = true;
        waits.longest = waits.longest.max(waited);
        waits.spent = waits.spent.saturating_add(waited);
        self.spent.set(self.spent.get().saturating_add(waited));
        // Those that are not frugal go on.
        if self.is_frugal && waited >= LONG {
            self.long.set(self.long.get() + 1);
        }
    }

    /// Notes that nothing came.
    pub(super) fn in_vain(&self, kind: &str, limit: Limit) {
        self.in_a_row.set(self.in_a_row.get().saturating_add(1));
        let mut kinds = self.kinds.borrow_mut();
        let waits = kinds.entry(kind.to_owned()).or_default();
        match limit {
            Limit::Whole => {
                waits.whole += 1;
                self.whole.set(self.whole.get() + 1);
                self.long.set(self.long.get() + 1);
            }
            Limit::Brief(_) | Limit::Settled(_) => {
                waits.brief += 1;
                self.was_brief.set(true);
            }
        }
    }

    /// Notes that the subject answers again. What was in vain in the meantime says little.
    pub(super) fn revive(&self) {
        self.in_a_row.set(0);
        for waits in self.kinds.borrow_mut().values_mut() {
            waits.brief = 0;
        }
    }

    /// Whether something of the kind ever came.
    pub(super) fn has_paid(&self, kind: &str) -> bool {
        self.waits(kind).has_paid
    }

    /// Whether nothing of the kind ever came, often enough not to try again.
    pub(super) fn is_hopeless(&self, kind: &str) -> bool {
        let waits = self.waits(kind);
        self.learns
            && !waits.has_paid
            && self.whole.get() > 0
            && waits.whole + waits.brief >= HOPELESS
    }

    /// Whether so many waits were in vain, one after the other, that nothing may come at all.
    pub(super) fn seems_silent(&self) -> bool {
        self.learns && self.in_a_row.get() >= SILENT
    }

    /// How many waits were long, if others were brief because of that; otherwise 0.
    pub(super) fn learned(&self) -> u32 {
        if self.was_brief.get() {
            self.long.get()
        } else {
            0
        }
    }

    /// Forgets all of it, as after the start of a server.
    pub(super) fn forget(&self) {
        self.kinds.borrow_mut().clear();
        self.spent.set(Duration::ZERO);
        self.whole.set(0);
        self.long.set(0);
        self.in_a_row.set(0);
        self.was_brief.set(false);
    }
}

/// A wait after that many shorter ones in vain.
fn shortened(first: Duration, times: u32) -> Duration {
    (0..times.min(100)).fold(first, |wait, _| wait.saturating_mul(100 - LESS) / 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE_WAIT: Duration = Duration::from_secs(10);

    /// What comes of waiting for something that comes after `takes`, or never. Returns how long it was
    /// waited for, and whether it is wrong: `None` if that is open.
    fn wait(pace: &Pace, kind: &str, takes: Option<Duration>) -> (Duration, Option<bool>) {
        let limit = pace.limit(kind, WHOLE_WAIT);
        let most = limit.of(WHOLE_WAIT);
        match takes {
            Some(Duration::ZERO) => {
                pace.right(kind);
                (Duration::ZERO, Some(false))
            }
            Some(takes) if takes <= most => {
                pace.paid(kind, takes);
                (takes, Some(false))
            }
            _ => {
                pace.in_vain(kind, limit);
                let is_open = matches!(limit, Limit::Brief(_));
                (most, (!is_open).then_some(true))
            }
        }
    }

    /// All waits together, and how many things were taken as wrong.
    fn waits(
        pace: &Pace,
        things: impl IntoIterator<Item = (&'static str, Option<u64>)>,
    ) -> (Duration, usize) {
        let mut all = (Duration::ZERO, 0);
        for (kind, takes) in things {
            let (waited, wrong) = wait(pace, kind, takes.map(Duration::from_millis));
            all = (all.0 + waited, all.1 + usize::from(wrong == Some(true)));
        }
        all
    }

    #[test]
    fn what_never_comes_is_wrong_each_time_and_costs_little() {
        let (waited, wrong) = waits(&Pace::of_states(), std::iter::repeat_n(("a", None), 80));
        assert_eq!(wrong, 80);
        assert!(waited < Duration::from_secs(35), "{waited:?}");
    }

    #[test]
    fn a_slow_start_condemns_nothing_after_it() {
        let things = std::iter::repeat_n(("a", Some(1200)), 50);
        let slow = [("a", Some(12_000)), ("a", Some(12_000))];
        let (waited, wrong) = waits(&Pace::of_states(), slow.into_iter().chain(things));
        assert_eq!(wrong, 2);
        assert!(waited < Duration::from_secs(40), "{waited:?}");
    }

    #[test]
    fn what_is_right_at_once_most_of_the_time_is_never_wrong_after_a_brief_wait() {
        let pace = Pace::of_states();
        let usual = std::iter::repeat_n(("a", Some(0)), 3);
        let never = std::iter::repeat_n(("a", None), 10);
        let late = std::iter::repeat_n(("a", Some(1000)), 10);
        let (_, wrong) = waits(&pace, usual.chain(never).chain(late));
        // Those that were waited for in full.
        assert_eq!(wrong, 2);
    }

    #[test]
    fn a_server_that_always_lists_late_is_right() {
        let late = std::iter::repeat_n(("a", Some(3000)), 80);
        let (waited, wrong) = waits(&Pace::of_states(), late);
        assert_eq!(wrong, 0);
        assert!(waited < Duration::from_secs(40), "{waited:?}");
    }

    #[test]
    fn without_a_wait_nothing_is_learned() {
        let pace = Pace::of_states();
        for _ in 0..20 {
            assert_eq!(pace.limit("a", Duration::ZERO), Limit::Whole);
            pace.in_vain("a", Limit::Whole);
        }
    }

    #[test]
    fn a_slow_server_with_rare_hangs_is_never_given_up() {
        let pace = Pace::of_answers();
        let things = (0..800).map(|number| ("a", (number % 20 != 0).then_some(300)));
        let mut answered = 0;
        for (kind, takes) in things {
            assert!(!pace.is_hopeless(kind) && !pace.seems_silent());
            let (_, wrong) = wait(&pace, kind, takes.map(Duration::from_millis));
            answered += usize::from(wrong == Some(false));
        }
        assert_eq!(answered, 760);
        assert_eq!(pace.learned(), 2);
    }

    #[test]
    fn what_only_prepares_is_not_waited_for_again_in_full() {
        let pace = Pace::of_states();
        assert_eq!(pace.limit_of_setup("a", WHOLE_WAIT), Limit::Whole);
        pace.in_vain("a", Limit::Whole);
        assert!(matches!(
            pace.limit_of_setup("b", WHOLE_WAIT),
            Limit::Brief(_)
        ));
        assert_eq!(pace.limit("b", WHOLE_WAIT), Limit::Whole);
    }
}
