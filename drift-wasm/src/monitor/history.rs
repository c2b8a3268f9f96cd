//! The fold: effects in the order of windows become judgements.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use super::{
    cadence::Constants,
    channel::{Channel, Effect, WindowEffects},
    judgement::{ChannelJudgement, ColumnJudgement, Judgement, Opened, OpenedBy, Resolved, ResolvedReason, Usual},
    limit::{Line, Scores},
    rule::Rule,
};

/// Spread below this, on the √ scale, matters to nobody: from nothing to 0.25 % of the rows.
const SLACK: f64 = 0.05;
/// The most that one window adds to evidence, so that evidence needs at least two.
const MOST_PER_WINDOW: f64 = 3.0;
/// Evidence that is forgotten in each window.
const ALLOWANCE: f64 = 0.75;
/// From this z on a window is unusual and stays out of later references.
const UNUSUAL: f64 = 2.0;
/// Below this z a window is calm.
const CALM: f64 = 1.0;

/// Everything that later judgements need of the windows so far.
///
/// It can be stored and read back: folding on from a stored history equals folding from the start.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct History {
    columns: BTreeMap<String, ColumnHistory>,
    now: Scores,
    evidence: Scores,
}

/// What is kept of a column.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct ColumnHistory {
    channels: BTreeMap<Channel, ChannelHistory>,
    /// Set while its alert is open.
    alert: Option<OpenAlert>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct OpenAlert {
    opened: i64,
    n_calm: u32,
}

/// What is kept of a channel.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct ChannelHistory {
    /// Roots of past effects, limited to what was usual and three standard deviations.
    roots: VecDeque<f64>,
    evidence: f64,
    /// The window in which evidence last left 0.
    began: i64,
}

/// The lines that one window is held to.
struct Lines {
    now: Line,
    evidence: Line,
}

impl History {
    /// Judges the next window and keeps what later windows need of it.
    ///
    /// Windows must come in the order of their starts. A window that is not judged (no data, too few rows, excluded) is
    /// not folded.
    pub fn fold(&mut self, window: &WindowEffects, rule: &Rule) -> Judgement {
        let lines = Lines {
            now: self.now.line(rule.now_prior(), rule.now_level()),
            evidence: self.evidence.line(rule.evidence_prior(), rule.evidence_level()),
        };
        let was_open = self.columns.values().any(|column| column.alert.is_some());
        let mut judgement = Judgement {
            start: window.start,
            is_judged: false,
            now_limit: lines.now.limit,
            evidence_limit: lines.evidence.limit,
            score: 0.0,
            evidence: 0.0,
            columns: BTreeMap::new(),
            opened: Vec::new(),
            resolved: Vec::new(),
            open: Vec::new(),
            notifies: false,
        };
        for (name, effects) in window.columns.iter().filter(|(name, _)| !rule.ignores(name)) {
            let column = self.columns.entry(name.clone()).or_default();
            let judged = column.judge(name, window.start, effects, rule, &lines);
            column.step_alert(name, window, &judged, rule, &lines, &mut judgement);
            judgement.columns.insert(name.clone(), judged);
        }
        let usual =
            |judgement: &Judgement, of: fn(&Usual) -> f64| -> f64 { judgement.usuals().map(of).fold(0.0, f64::max) };
        let is_judged = judgement.usuals().next().is_some();
        judgement.is_judged = is_judged;
        judgement.score = usual(&judgement, |usual| usual.z);
        judgement.evidence = usual(&judgement, |usual| usual.evidence);
        if judgement.is_judged && !was_open {
            self.now.push(judgement.score.min(2.0 * lines.now.limit));
            self.evidence.push(judgement.evidence.min(2.0 * lines.evidence.limit));
        }
        let open = self.columns.iter().filter(|(_, column)| column.alert.is_some());
        judgement.open = open.map(|(name, _)| name.clone()).collect();
        let is_critical = |opened: &Opened| rule.columns.get(&opened.column).is_some_and(|rule| rule.critical);
        judgement.notifies = judgement.opened.iter().any(is_critical) || (!was_open && !judgement.opened.is_empty());
        judgement
    }

    /// The columns whose alert is open, each with the start of the window that opened it.
    pub fn open_alerts(&self) -> impl Iterator<Item = (&str, i64)> {
        self.columns.iter().filter_map(|(name, column)| Some((name.as_str(), column.alert?.opened)))
    }
}

impl ColumnHistory {
    /// Measures each channel against its history, then adds the window to it.
    fn judge(
        &mut self,
        name: &str,
        start: i64,
        effects: &BTreeMap<Channel, Effect>,
        rule: &Rule,
        lines: &Lines,
    ) -> ColumnJudgement {
        let mut judged = ColumnJudgement::default();
        for (&channel, &effect) in effects {
            let floor = rule.floor(name, channel);
            let found = self.channels.entry(channel).or_default().judge(start, effect, floor, &rule.constants, lines);
            judged.channels.insert(channel, found);
        }
        let usuals = || judged.channels.values().filter_map(|channel| channel.usual);
        let nearest = usuals()
            .map(|usual| (usual.z / lines.now.limit).max(usual.evidence / lines.evidence.limit))
            .fold(0.0, f64::max);
        let is_unusual = usuals().any(|usual| usual.z >= UNUSUAL);
        ColumnJudgement { is_unusual, severity: nearest / (1.0 + nearest), ..judged }
    }

    /// Opens the column's alert, keeps it open, or resolves it.
    fn step_alert(
        &mut self,
        name: &str,
        window: &WindowEffects,
        judged: &ColumnJudgement,
        rule: &Rule,
        lines: &Lines,
        judgement: &mut Judgement,
    ) {
        let Some(alert) = &mut self.alert else {
            let crossed = judged.channels.iter().find_map(|(&channel, found)| self.crossed(channel, found, lines));
            if let Some((channel, by, chance)) = crossed {
                let began = match by {
                    OpenedBy::Now => window.start,
                    OpenedBy::Evidence => self.channels[&channel].began,
                };
                judgement.opened.push(Opened { column: name.to_owned(), channel, by, began, chance });
                self.alert = Some(OpenAlert { opened: window.start, n_calm: 0 });
            }
            return;
        };
        let highest = judged.channels.values().filter_map(|found| found.usual).map(|usual| usual.z).reduce(f64::max);
        let Some(highest) = highest else { return };
        alert.n_calm = if highest < CALM { alert.n_calm + 1 } else { 0 };
        if alert.n_calm >= rule.constants.recover {
            self.alert = None;
            self.channels.values_mut().for_each(|channel| channel.evidence = 0.0);
            let is_settled = window.settled.get(name).is_some_and(|share| *share >= 0.5);
            let reason = if is_settled { ResolvedReason::Settled } else { ResolvedReason::Recovered };
            judgement.resolved.push(Resolved { column: name.to_owned(), reason });
        }
    }

    /// The line that a channel crosses, if any; a single window counts before evidence.
    fn crossed(
        &self,
        channel: Channel,
        found: &ChannelJudgement,
        lines: &Lines,
    ) -> Option<(Channel, OpenedBy, Option<f64>)> {
        let usual = found.usual?;
        if usual.z >= lines.now.limit {
            Some((channel, OpenedBy::Now, lines.now.chance(usual.z)))
        } else if usual.evidence >= lines.evidence.limit {
            Some((channel, OpenedBy::Evidence, lines.evidence.chance(usual.evidence)))
        } else {
            None
        }
    }
}

impl ChannelHistory {
    fn judge(
        &mut self,
        start: i64,
        effect: Effect,
        floor: f64,
        constants: &Constants,
        lines: &Lines,
    ) -> ChannelJudgement {
        let root = effect.effect.sqrt();
        let n_history = self.roots.len().min(constants.history);
        if n_history < constants.least_history {
            self.keep(root, constants);
            return ChannelJudgement { effect, usual: None, n_history };
        }
        let (mean, deviation) = mean_and_deviation(self.roots.iter().skip(self.roots.len() - n_history));
        let spread = deviation + SLACK;
        let unit = spread * (1.0 + 1.0 / n_history as f64).sqrt();
        let mut z = (root - mean) / unit;
        if !effect.is_real || effect.effect < floor {
            z = z.min(0.0);
        }
        if self.evidence == 0.0 {
            self.began = start;
        }
        let added = self.evidence + z.min(MOST_PER_WINDOW) - ALLOWANCE;
        self.evidence = added.clamp(0.0, 2.0 * lines.evidence.limit);
        self.keep(root.min(mean + MOST_PER_WINDOW * spread), constants);
        let edge = mean + UNUSUAL * unit;
        let usual = Usual { usual_max: edge * edge, z, evidence: self.evidence };
        ChannelJudgement { effect, usual: Some(usual), n_history }
    }

    fn keep(&mut self, root: f64, constants: &Constants) {
        self.roots.push_back(root);
        while self.roots.len() > constants.history {
            self.roots.pop_front();
        }
    }
}

impl Judgement {
    /// What history says, of every channel that has enough of it.
    fn usuals(&self) -> impl Iterator<Item = &Usual> {
        self.columns.values().flat_map(|column| column.channels.values()).filter_map(|found| found.usual.as_ref())
    }
}

/// Mean and standard deviation (n − 1) of at least two numbers, in two passes and in their order.
fn mean_and_deviation<'a>(numbers: impl Iterator<Item = &'a f64> + Clone) -> (f64, f64) {
    let (n, sum) = numbers.clone().fold((0.0, 0.0), |(n, sum), number| (n + 1.0, sum + number));
    let mean = sum / n;
    let squares: f64 = numbers.map(|number| (number - mean) * (number - mean)).sum();
    (mean, (squares / (n - 1.0)).sqrt())
}
