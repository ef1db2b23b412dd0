//! Random schedules: what happens from outside, when, and when the outside refuses comments.

use super::random::Random;
use super::rules::STAGES;
use dealflow::engine::Order;

/// Something from outside, at a minute.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) at: i64,
    pub(super) what: What,
}

/// What comes from outside.
#[derive(Clone, Debug)]
pub(super) enum What {
    /// A deal is made.
    Create { deal: usize, stage: usize, size: i64 },
    /// A deal is changed; one that is not there is not.
    Update { deal: usize, stage: Option<usize>, size: Option<i64> },
    /// The item with this number comes once more, with its own identifier.
    Again(usize),
    /// A person orders something of the first run for which it makes sense.
    Order(Order),
}

/// What happens in one simulated world.
#[derive(Clone, Debug)]
pub(super) struct Schedule {
    pub(super) items: Vec<Item>,
    /// When comments are refused: `(minute + phase) / 200` divided by 4 leaves 0; never without a phase.
    phase: Option<i64>,
}

impl Schedule {
    pub(super) fn any(random: &mut Random) -> Self {
        let mut items: Vec<Item> = Vec::new();
        let mut made = 0;
        let mut now = 0;
        for number in 0..12 + random.below(14) {
            // Most move on a little; some are late, and some come after a jump of the clock by days.
            let step = random.pick(&[0, 1, 30, 60, 60, 120, 180, 240, 5000]);
            now += step;
            let late = if random.once_in(12) { random.pick(&[1, 60, 400]) } else { 0 };
            let stage = random.below(STAGES.len());
            let size = i64::try_from(random.below(8)).unwrap();
            let what = match random.below(10) {
                _ if made == 0 => What::Create { deal: 0, stage, size },
                0 | 1 if made < 4 => What::Create { deal: made, stage, size },
                2 if number > 0 => What::Again(random.below(number)),
                3 => What::Order(random.pick(&[
                    Order::Retry,
                    Order::Retry,
                    Order::Skip,
                    Order::Cancel,
                    Order::Pause,
                    Order::Resume,
                ])),
                4 => What::Update { deal: random.below(made), stage: None, size: Some(size) },
                5 => What::Update { deal: random.below(made), stage: Some(stage), size: Some(size) },
                _ => What::Update { deal: random.below(made), stage: Some(stage), size: None },
            };
            made += usize::from(matches!(what, What::Create { .. }));
            items.push(Item { at: now - late, what });
        }
        // Those that people hold or that were refused are let go in the end.
        for _ in 0..4 {
            now += 300;
            items.push(Item { at: now, what: What::Order(random.pick(&[Order::Retry, Order::Skip])) });
            items.push(Item { at: now, what: What::Order(Order::Resume) });
        }
        let phase = (!random.once_in(3)).then(|| i64::try_from(random.below(800)).unwrap());
        Self { items, phase }
    }

    /// Whether comments are refused at this minute.
    pub(super) fn refuses(&self, minute: i64) -> bool {
        self.phase.is_some_and(|phase| (minute + phase).div_euclid(200).rem_euclid(4) == 0)
    }

    /// The item that really stands behind an item: the one that it repeats.
    pub(super) fn origin(&self, number: usize) -> usize {
        match self.items[number].what {
            What::Again(of) => self.origin(of),
            What::Create { .. } | What::Update { .. } | What::Order(_) => number,
        }
    }
}
