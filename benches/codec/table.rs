//! The printed table, at most 100 columns wide.

use crate::cases::{Built, Case, GROWTH_TAGS, Growth, RATIOS, Ratio, TAG_COST_GROWTH};
use crate::measure::{Effort, Figures, measure};
use crate::model;

pub(crate) struct Table {
    effort: Effort,
    /// The targets and the results, for the end of the table.
    targets: Vec<String>,
}

impl Table {
    pub(crate) fn new(effort: Effort) -> Self {
        println!();
        println!(
            "ns/call   best of {} rounds, including the drop of the result",
            effort.rounds
        );
        println!("MB/s      10^6 bytes of the body per second");
        println!("allocs    allocations and reallocations per call");
        println!("x WAY     the ratio to ec2wire's time for that way");
        println!("model     the same codec, driven by the service model");
        println!("by hand   the same without serde; shows what the serde interface costs");
        Self {
            effort,
            targets: Vec::new(),
        }
    }

    /// Measures a case and prints its rows.
    pub(crate) fn case(&mut self, case: &Case, built: &mut Built) {
        let figures = measure(&mut built.contenders, self.effort);
        println!();
        print!(
            "{:<40}{:>11}{:>8}{:>8}",
            headline(case, built),
            "ns/call",
            "MB/s",
            "allocs"
        );
        for way in case.operation.ways() {
            print!("{:>16}", format!("x {way}"));
        }
        println!();
        let ways = case.operation.ways().len();
        for (contender, Figures { nanos, allocations }) in built.contenders.iter().zip(&figures) {
            print!(
                "  {:<38}{:>11}{:>8}{:>8}",
                contender.name,
                rounded(*nanos),
                rounded(float(built.bytes) * 1e3 / nanos),
                grouped(*allocations),
            );
            for ours in figures.iter().take(ways) {
                print!("{:>16.2}", nanos / ours.nanos);
            }
            println!();
        }
        self.judge(case, built, &figures);
    }

    fn judge(&mut self, case: &Case, built: &Built, figures: &[Figures]) {
        let nanos = |name: &str| {
            let mut named = built.contenders.iter().zip(figures);
            let found = named.find(|(contender, _)| contender.name == name);
            found.map_or(f64::NAN, |(_, figures)| figures.nanos)
        };
        let of_case = |target: &&Ratio| target.operation == case.operation;
        for target in RATIOS.iter().filter(|_| case.has_ratios).filter(of_case) {
            let peer = nanos(target.peer);
            let ratio = peer / nanos(&format!("ec2wire, {}", target.way));
            let by_hand = peer / nanos(&format!("by hand, {}", target.way));
            self.targets.push(verdict(
                &title(case),
                target.way,
                &format!(">= {}x {}", target.at_least, target.peer),
                &format!("{ratio:.2}x"),
                ratio >= target.at_least,
                &format!("{by_hand:.2}x"),
            ));
        }
        for way in case
            .operation
            .ways()
            .into_iter()
            .filter(|_| case.has_ratios)
        {
            let ratio = nanos(&format!("model, {way}")) / nanos(&format!("ec2wire, {way}"));
            self.targets.push(verdict(
                &title(case),
                way,
                &format!("model: <= {}x ec2wire", model::AT_MOST),
                &format!("{ratio:.2}x"),
                ratio <= model::AT_MOST,
                "",
            ));
        }
        if case.allocates_nothing {
            let [way, _] = case.operation.ways();
            let allocations = figures
                .first()
                .map_or(u64::MAX, |figures| figures.allocations);
            let (measured, is_met) = (allocations.to_string(), allocations == 0);
            self.targets.push(verdict(
                &title(case),
                way,
                "0 allocations",
                &measured,
                is_met,
                "",
            ));
        }
    }

    /// Measures how the cost per tag grows with the number of tags, and prints a row for each way.
    pub(crate) fn growth(&mut self, growths: &mut [Growth]) {
        if growths.is_empty() {
            return;
        }
        let [_, few, many] = GROWTH_TAGS;
        println!();
        println!(
            "{:<56}{:>14}{:>14}{:>14}",
            "ns per tag, minus the time without tags",
            format!("at {few} tags"),
            format!("at {} tags", grouped(many.into())),
            "growth",
        );
        for growth in growths {
            let figures = measure(&mut growth.contenders, self.effort);
            for (at, way) in growth.operation.ways().into_iter().enumerate() {
                let mut nanos = figures
                    .iter()
                    .skip(at)
                    .step_by(2)
                    .map(|figures| figures.nanos);
                let without = nanos.next().unwrap();
                let mut costs = nanos
                    .zip([few, many])
                    .map(|(nanos, count)| (nanos - without) / f64::from(count));
                let (at_few, at_many) = (costs.next().unwrap(), costs.next().unwrap());
                let factor = at_many / at_few;
                let title = format!("{}, {}", growth.operation.name(), growth.order);
                let name = format!("{title}, {way}");
                println!("  {name:<54}{at_few:>14.1}{at_many:>14.1}{factor:>13.2}x");
                self.targets.push(verdict(
                    &title,
                    way,
                    &format!("<= {TAG_COST_GROWTH}x growth per tag"),
                    &format!("{factor:.2}x"),
                    factor <= TAG_COST_GROWTH,
                    "",
                ));
            }
        }
    }

    pub(crate) fn targets(&self) {
        println!();
        println!(
            "{:<33}{:<15}{:<28}{:>8}{:>8}{:>8}",
            "targets", "way", "target", "reached", "", "by hand"
        );
        for line in &self.targets {
            println!("{line}");
        }
    }
}

fn verdict(
    title: &str,
    way: &str,
    target: &str,
    reached: &str,
    is_met: bool,
    by_hand: &str,
) -> String {
    let verdict = if is_met { "met" } else { "MISSED" };
    let line = format!("  {title:<31}{way:<15}{target:<28}{reached:>8}{verdict:>8}{by_hand:>8}");
    line.trim_end().to_owned()
}

fn title(case: &Case) -> String {
    format!("{}, {}", case.operation.name(), case.input)
}

fn headline(case: &Case, built: &Built) -> String {
    format!("{}: {} B", title(case), rounded(float(built.bytes)))
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
fn float(bytes: usize) -> f64 {
    bytes as f64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "times and rates are positive and far below 2^64"
)]
fn rounded(number: f64) -> String {
    grouped(number.round() as u64)
}

/// The number with a comma between thousands.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}
