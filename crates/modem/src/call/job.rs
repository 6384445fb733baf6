//! The owner's orders about calls: one command, then the list that says what came of it.

use alloc::vec::Vec;

use polysim_at::{
    Basic, CallDirection, CallState, Command, Dial, DialString, DialTarget, Form, HoldAction,
};
use polysim_base::Instant;

use crate::{
    CallEnd, CallId, CallInfo, CallerId, HangUp, ModemError, ModemEvent, Reply,
    engine::Engine,
    link::{Accept, Answer, Outcome, Request},
};

/// How often hanging up is repeated until no call is left.
const HANG_UPS_MAX: u8 = 4;

/// What is to be done about calls.
#[derive(Clone, Debug)]
pub(crate) enum CallOrder {
    Dial { number: DialString, caller_id: CallerId },
    Answer,
    HangUp(HangUp),
    Hold(HoldAction),
}

/// An order under way.
#[derive(Clone, Debug)]
pub(crate) struct CallJob {
    order: CallOrder,
    /// The command is done, and the calls are to be listed.
    lists: bool,
    rounds: u8,
    /// Calls there were before.
    before: Vec<CallId>,
}

impl CallJob {
    pub(crate) const fn new(order: CallOrder) -> Self {
        Self { order, lists: false, rounds: 0, before: Vec::new() }
    }

    pub(crate) fn request(&mut self, engine: &mut Engine) -> Result<Request, ModemError> {
        let deadlines = engine.config.deadlines;
        if self.lists {
            return Ok(Request::new(&Command::Clcc(Form::Execute), deadlines.local)
                .accepting(Accept::Listed("+CLCC")));
        }
        let (command, sets_up) = match &self.order {
            CallOrder::Dial { number, caller_id } => {
                self.before = engine.known_calls().iter().map(|call| call.call).collect();
                // Results that come from here on are about this call too.
                engine.calls.get_or_insert_default().hint = None;
                (dial(number.clone(), *caller_id), true)
            }
            CallOrder::Answer => answer(engine.known_calls()),
            CallOrder::HangUp(which) => (hang_up(engine, *which)?, false),
            CallOrder::Hold(action) => (Command::Chld(Form::Set(*action)), false),
        };
        let request = Request::new(&command, deadlines.call);
        Ok(if sets_up { request.for_call() } else { request })
    }

    pub(crate) fn absorb(
        &mut self,
        now: Instant,
        engine: &mut Engine,
        answer: Answer,
    ) -> Result<Option<Reply>, ModemError> {
        if !self.lists {
            let ended = match answer.outcome {
                Outcome::Final(_) => answer.error(),
                Outcome::TooLong | Outcome::Timeout | Outcome::Reset | Outcome::PortLost => {
                    engine.look_at_calls();
                    return Err(answer.into_result().err().unwrap_or(ModemError::Timeout));
                }
            };
            if let Some(error) = ended {
                // Nothing to hang up is no mistake where all is to be hung up.
                if !matches!(self.order, CallOrder::HangUp(HangUp::All)) {
                    engine.look_at_calls();
                    return Err(error);
                }
            }
            self.lists = true;
            self.rounds = self.rounds.saturating_add(1);
            return Ok(None);
        }
        let hint = engine.calls.as_ref().and_then(|calls| calls.hint);
        engine.calls_listed(now, &answer);
        match &self.order {
            CallOrder::Dial { .. } => self.dialled(engine, &answer, hint).map(Some),
            CallOrder::HangUp(HangUp::All)
                if !engine.known_calls().is_empty() && self.rounds < HANG_UPS_MAX =>
            {
                self.lists = false;
                Ok(None)
            }
            CallOrder::HangUp(_) if engine.lists_no_calls => {
                engine.drop_calls(CallEnd::HungUp);
                Ok(Some(Reply::Done))
            }
            CallOrder::Answer | CallOrder::HangUp(_) | CallOrder::Hold(_) => Ok(Some(Reply::Done)),
        }
    }

    fn dialled(
        &self,
        engine: &mut Engine,
        answer: &Answer,
        hint: Option<CallEnd>,
    ) -> Result<Reply, ModemError> {
        let ours = |call: &&CallInfo| {
            call.direction == CallDirection::Originated && !self.before.contains(&call.call)
        };
        if let Some(call) = engine.known_calls().iter().find(ours) {
            return Ok(Reply::Dialled(call.call));
        }
        if answer.is_ok() {
            return Err(ModemError::CallEnded(hint.unwrap_or(CallEnd::Released)));
        }
        // The calls cannot be listed: the modem said that it dials.
        let CallOrder::Dial { number, .. } = &self.order else { return Ok(Reply::Done) };
        let taken = self.before.iter().map(|call| call.0).max().unwrap_or(0);
        let call = CallInfo {
            call: CallId(taken.saturating_add(1)),
            direction: CallDirection::Originated,
            state: CallState::Dialing,
            number: polysim_at::Text::new(number.as_str()).ok(),
        };
        let id = call.call;
        engine.calls.get_or_insert_default().list.push(call.clone());
        engine.event(ModemEvent::CallState(alloc::boxed::Box::new(call)));
        Ok(Reply::Dialled(id))
    }
}

fn dial(number: DialString, caller_id: CallerId) -> Command {
    let withhold = match caller_id {
        CallerId::Subscribed => None,
        CallerId::Hidden => Some(true),
        CallerId::Shown => Some(false),
    };
    let target = DialTarget::Number(number);
    Command::Dial(Dial { target, voice: true, withhold, closed_group: false })
}

/// A waiting call is taken while the others are held; a ringing one is answered.
fn answer(calls: &[CallInfo]) -> (Command, bool) {
    if calls.iter().any(|call| call.state == CallState::Waiting) {
        (Command::Chld(Form::Set(HoldAction::HoldActive)), false)
    } else {
        (Command::Basic(Basic::Answer, None), true)
    }
}

/// Returns the command that ends a call, by its state and what other calls there are.
fn hang_up(engine: &mut Engine, which: HangUp) -> Result<Command, ModemError> {
    let calls = engine.known_calls();
    let waiting = calls.iter().any(|call| call.state == CallState::Waiting);
    let all = Command::Chup(Form::Execute);
    let (command, ended) = match which {
        HangUp::All => {
            // `+CHUP` leaves held calls, and would take a waiting one up.
            let held = calls.iter().any(|call| call.state == CallState::Held);
            let release = Command::Chld(Form::Set(HoldAction::ReleaseHeld));
            let ended = calls.iter().map(|call| call.call).collect();
            (if waiting || held { release } else { all }, ended)
        }
        HangUp::Call(id) => {
            let call = calls.iter().find(|call| call.call == id).ok_or(ModemError::NoSuchCall)?;
            let held_ones = calls.iter().filter(|call| call.state == CallState::Held).count();
            let alone = call.state == CallState::Held && !waiting && held_ones == 1;
            let command = if call.state == CallState::Waiting || alone {
                Command::Chld(Form::Set(HoldAction::ReleaseHeld))
            } else if calls.len() == 1 {
                all
            } else {
                Command::Chld(Form::Set(HoldAction::ReleaseCall(id.0)))
            };
            (command, Vec::from([id]))
        }
    };
    if let Some(calls) = &mut engine.calls {
        calls.hung_up = ended;
    }
    Ok(command)
}
