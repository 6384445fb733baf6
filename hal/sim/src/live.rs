//! A world that runs by a clock, and is shared by everybody who has a part of it on loan.

use crate::contacts::Contacts;
use crate::line::{Line, Outlet};
use crate::speech::{Speech, Unheard};
use crate::{SimulatedPort, Slot};
use polysim_apdu::CardSignal;
use polysim_base::{Duration, Instant};
use polysim_baseband::BasebandInput;
use polysim_hal::Clock;
use polysim_modem::{ModemInput, ModemOutput};
use polysim_world::{BuildError, Event, Lent, Simulation, WorldConfig};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use tokio::sync::{Notify, broadcast, mpsc};

/// Events that wait for a listener; one that is slower loses the oldest.
const EVENTS_WAITING_MAX: usize = 4_096;
/// How much is waited for at most: beyond it, time is looked at again.
const NAP_MAX: Duration = Duration::from_secs(60);

/// A simulated world under way. Clones are the same world; it runs while one of them, or something
/// that it lent, is there.
///
/// It must be made within a tokio runtime.
#[derive(Clone, Debug)]
pub struct LiveWorld {
    pub(crate) shared: Arc<Shared>,
}

pub(crate) struct Shared {
    state: Mutex<State>,
    clock: Arc<dyn Clock>,
    /// The clock's time at the start of the world.
    start: Instant,
    /// Something was put into the world: what it does next may be due earlier.
    stirred: Arc<Notify>,
    events: broadcast::Sender<Event>,
}

struct State {
    simulation: Simulation,
    outlets: BTreeMap<(usize, u8), Arc<Outlet>>,
    speech: BTreeMap<usize, Arc<Unheard>>,
    hosts: BTreeMap<usize, mpsc::UnboundedSender<ModemInput>>,
    contacts: BTreeMap<usize, mpsc::Sender<CardSignal>>,
}

impl LiveWorld {
    /// Builds a world and starts it.
    ///
    /// # Errors
    /// [`BuildError`] where the description makes no world.
    pub fn new(config: &WorldConfig, clock: Arc<dyn Clock>) -> Result<Self, BuildError> {
        let simulation = Simulation::new(config)?;
        let state = State {
            simulation,
            outlets: BTreeMap::new(),
            speech: BTreeMap::new(),
            hosts: BTreeMap::new(),
            contacts: BTreeMap::new(),
        };
        let shared = Arc::new(Shared {
            state: Mutex::new(state),
            start: clock.now(),
            clock,
            stirred: Arc::default(),
            events: broadcast::Sender::new(EVENTS_WAITING_MAX),
        });
        tokio::spawn(run(Arc::downgrade(&shared)));
        Ok(Self { shared })
    }

    /// Lends the modem of a phone: from now on the outside drives it. `None` if there is no such
    /// phone.
    ///
    /// A phone that is switched on when the world starts has begun to use its modem by then: lend
    /// everything before anything else is done.
    #[must_use]
    pub fn lend_modem(&self, phone: usize) -> Option<LentModem> {
        let mut state = self.shared.lock();
        if !state.simulation.lend_modem(phone) {
            return None;
        }
        let (sender, asked) = mpsc::unbounded_channel();
        state.hosts.insert(phone, sender);
        Some(LentModem { world: self.clone(), phone, asked })
    }

    /// Lets bytes take as long to and from lent modems as within the world; see
    /// [`Simulation::keep_line_latency`].
    pub fn keep_line_latency(&self) {
        self.shared.lock().simulation.keep_line_latency();
    }

    /// Takes the card out of a phone and puts it into the slot of a reader. `None` if there is no
    /// such phone, or its card is lent already.
    #[must_use]
    pub fn lend_card(&self, phone: usize) -> Option<Slot> {
        let card = self.shared.lock().simulation.take_card(phone)?;
        Some(Slot::holding(card))
    }

    /// Does something to the world, at this moment of it. Whoever else uses the world waits: `f` must
    /// not do so itself.
    pub fn within<T>(&self, f: impl FnOnce(&mut Simulation) -> T) -> T {
        self.shared.within(f)
    }

    /// Returns what happens from now on.
    #[must_use]
    pub fn events(&self) -> broadcast::Receiver<Event> {
        self.shared.events.subscribe()
    }

    /// Returns the time of the world.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.shared.now()
    }
}

impl Shared {
    fn now(&self) -> Instant {
        Instant::ZERO.plus(self.clock.now().since(self.start))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets the world catch up with the clock, does something to it, and hands out what it says.
    pub(crate) fn within<T>(&self, f: impl FnOnce(&mut Simulation) -> T) -> T {
        let mut state = self.lock();
        state.simulation.run_until(self.now());
        state.simulation.settle();
        let done = f(&mut state.simulation);
        state.simulation.settle();
        self.hand_out(&mut state);
        drop(state);
        self.stirred.notify_one();
        done
    }

    /// Lets the world catch up with the clock; returns when it has something to do next.
    fn catch_up(&self) -> Instant {
        let mut state = self.lock();
        state.simulation.run_until(self.now());
        self.hand_out(&mut state);
        let next = state.simulation.next_event_time().unwrap_or(Instant::MAX);
        let latest = state.simulation.now().plus(NAP_MAX);
        self.start.plus(next.min(latest).since(Instant::ZERO))
    }

    fn hand_out(&self, state: &mut State) {
        for said in state.simulation.take_lent() {
            match said {
                Lent::Port { phone, port, bytes } => {
                    if let Some(outlet) = state.outlets.get(&(phone, port)) {
                        outlet.put(&bytes);
                    }
                }
                Lent::Card { phone, signal } => {
                    if let Some(contacts) = state.contacts.get(&phone) {
                        // Who holds them does not look: no card answers.
                        drop(contacts.try_send(signal));
                    }
                }
                // Nobody holds the PCM port of this modem.
                Lent::Speech { phone, frame } => {
                    if let Some(unheard) = state.speech.get(&phone) {
                        unheard.put(frame);
                    }
                }
                Lent::Host { phone, input } => {
                    let on = match &input {
                        ModemInput::PortLost => Some(false),
                        ModemInput::PortOpened | ModemInput::Command { .. } => Some(true),
                        ModemInput::Bytes(_) | ModemInput::Recorded(_) => None,
                    };
                    if let Some(on) = on {
                        let own = state.outlets.range((phone, 0)..=(phone, u8::MAX));
                        own.for_each(|(_, outlet)| outlet.power(on));
                        if let Some(unheard) = state.speech.get(&phone) {
                            unheard.power(on);
                        }
                    }
                    if let Some(host) = state.hosts.get(&phone) {
                        // Whoever held the other end is gone: nobody drives this modem.
                        host.send(input).unwrap_or_default();
                    }
                }
            }
        }
        for event in state.simulation.take_events() {
            // Nobody listens at the moment.
            self.events.send(event).map(drop).unwrap_or_default();
        }
    }

    pub(crate) fn outlet(&self, phone: usize, port: u8) -> Arc<Outlet> {
        let on = self.within(|simulation| simulation.is_on(phone));
        let outlet = self.lock().outlets.entry((phone, port)).or_default().clone();
        outlet.power(on);
        outlet
    }

    pub(crate) fn unheard(&self, phone: usize) -> Arc<Unheard> {
        let on = self.within(|simulation| simulation.is_on(phone));
        let unheard = self.lock().speech.entry(phone).or_default().clone();
        unheard.power(on);
        unheard
    }

    /// Hands out what the modem of a phone does to its card, to whoever asked last.
    pub(crate) fn contacts(&self, phone: usize, signals: mpsc::Sender<CardSignal>) {
        self.lock().contacts.insert(phone, signals);
    }

    pub(crate) fn modem_input(&self, phone: usize, input: BasebandInput) {
        self.within(|simulation| simulation.modem_input(phone, input));
    }
}

async fn run(world: Weak<Shared>) {
    loop {
        let Some(shared) = world.upgrade() else { return };
        let next = shared.catch_up();
        let (clock, stirred) = (shared.clock.clone(), shared.stirred.clone());
        // While nothing is due, only those who use the world keep it.
        drop(shared);
        tokio::select! {
            biased;
            () = stirred.notified() => {}
            () = clock.sleep_until(next) => {}
        }
    }
}

/// A modem on loan.
#[derive(Debug)]
pub struct LentModem {
    world: LiveWorld,
    phone: usize,
    asked: mpsc::UnboundedReceiver<ModemInput>,
}

impl LentModem {
    /// Returns one of its AT ports, open.
    #[must_use]
    pub fn port(&self, port: u8) -> SimulatedPort {
        let line = self.line(port);
        line.open();
        SimulatedPort::new(line)
    }

    /// Returns one of its AT ports as a line that is not open yet.
    #[must_use]
    pub fn line(&self, port: u8) -> Line {
        Line::new(self.world.shared.clone(), self.phone, port)
    }

    /// Returns its speech.
    #[must_use]
    pub fn speech(&self) -> Speech {
        Speech::new(self.world.shared.clone(), self.phone)
    }

    /// Returns the contacts of its slot: whoever has them is its card. What was in it is taken out.
    /// Who has had them before has them no more.
    #[must_use]
    pub fn contacts(&self) -> Contacts {
        Contacts::new(self.world.clone(), self.phone)
    }

    /// Waits for what the phone's user asks of the software that drives the modem, and for what
    /// the phone's power does to it. Dropping the future loses nothing.
    pub async fn asked(&mut self) -> ModemInput {
        match self.asked.recv().await {
            Some(input) => input,
            // The world keeps the other end as long as it is there.
            None => std::future::pending().await,
        }
    }

    /// Tells the phone's user what the software says that drives the modem.
    pub fn tell(&self, output: ModemOutput) {
        let phone = self.phone;
        self.world.within(|simulation| simulation.host_output(phone, output));
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.stirred.notify_one();
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("start", &self.start).finish_non_exhaustive()
    }
}
