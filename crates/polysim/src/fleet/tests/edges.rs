//! Journals that fail, names that are taken, and networks.

use super::*;
use async_trait::async_trait;
use std::sync::Mutex;

/// A journal that takes so many commits.
struct Full(usize);

#[async_trait]
impl<R: Send + 'static> Journal<R> for Full {
    async fn replay(&mut self, _fold: &mut (dyn FnMut(R) + Send)) -> Result<(), JournalError> {
        Ok(())
    }

    async fn append(&mut self, _records: Vec<R>) -> Result<(), JournalError> {
        self.0 = self.0.checked_sub(1).ok_or(JournalError::NotAtEnd)?;
        Ok(())
    }
}

/// A network that writes down what it gets.
#[derive(Default)]
struct Wire(Mutex<Vec<(Node, To, Message)>>);

impl Post for Wire {
    fn send(&self, from: Node, to: To, message: Message) {
        self.0.lock().unwrap().push((from, to, message));
    }
}

impl Wire {
    fn sent(&self) -> Vec<(Node, To, Message)> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

fn clock() -> Arc<dyn Clock> {
    Arc::new(TokioClock::unix())
}

#[tokio::test(start_paused = true)]
async fn what_could_not_be_recorded_is_not_said_and_the_fault_is_told() {
    in_time(async {
        let mut fleet = Fleet::new(clock());
        let config = ExchangeConfig::default();
        // It takes that the server leads, and no more.
        let server = fleet.server(ServerId(0), config, Box::new(Full(1))).await.unwrap();
        let iccid = Iccid::parse("8999900000000000014").unwrap();
        let set = Permissions::CALL;
        let permit = OperatorInput::Permit { iccid, user: ALICE, set };
        assert_eq!(server.operator(permit).await, Err(Ended));
        let fault = fleet.fault().await;
        assert!(matches!(fault, NodeFault::Journal { node: Node::Server(_), .. }), "{fault}");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_machine_runs_once_at_a_time() {
    in_time(async {
        let mut fleet = Fleet::new(clock());
        let desk = usual_terminal(ALICE, TerminalId(1), 1);
        let first = fleet.terminal(desk, Box::new(MemoryJournal::new())).await.unwrap();
        let second = fleet.terminal(desk, Box::new(MemoryJournal::new())).await;
        assert!(matches!(second, Err(StartError::Taken(NodeTaken(Node::Terminal(..))))));
        assert_eq!(first.name(), (ALICE, TerminalId(1)));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn what_is_for_machines_elsewhere_goes_to_the_network_and_comes_back_from_it() {
    in_time(async {
        let (near, far) = (Arc::new(Wire::default()), Arc::new(Wire::default()));
        let mut desks = Fleet::with_switch(clock(), Switch::with_outside(near.clone()));
        let mut servers = Fleet::with_switch(clock(), Switch::with_outside(far.clone()));
        let config = ExchangeConfig::default();
        servers.server(ServerId(0), config, Box::new(MemoryJournal::new())).await.unwrap();
        let desk = usual_terminal(ALICE, TerminalId(1), 1);
        let desk = desks.terminal(desk, Box::new(MemoryJournal::new())).await.unwrap();

        let listed = tokio::spawn(async move { desk.sims().await });
        while !listed.is_finished() {
            tokio::time::sleep(StdDuration::from_millis(300)).await;
            for (from, to, message) in near.sent() {
                servers.switch().send(from, to, message);
            }
            for (from, to, message) in far.sent() {
                desks.switch().send(from, to, message);
            }
        }
        assert_eq!(listed.await.unwrap(), Ok(Vec::new()));
        assert_eq!(servers.switch().lost(), 0);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_message_that_does_not_fit_its_sender_is_nothing() {
    in_time(async {
        let wire = Arc::new(Wire::default());
        let mut fleet = Fleet::with_switch(clock(), Switch::with_outside(wire.clone()));
        let config = ExchangeConfig::default();
        fleet.server(ServerId(0), config, Box::new(MemoryJournal::new())).await.unwrap();
        let request = polysim_fleet::wire::UserRequest {
            request: polysim_fleet::RequestId(1),
            ask: polysim_fleet::wire::Ask::List,
        };
        let (site, to) = (Node::Site(SITE), To::Node(Node::Server(ServerId(0))));
        fleet.switch().send(site, to, Message::Request(request));
        secs(1).await;
        assert_eq!(wire.sent(), []);
        fleet.switch().send(Node::Terminal(ALICE, TerminalId(1)), to, Message::Request(request));
        secs(1).await;
        assert_eq!(wire.sent().len(), 1);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_text_of_a_new_life_is_not_taken_for_one_that_still_waits() {
    in_time(async {
        let kept = MemoryJournal::new();
        let iccid = Iccid::parse("8999900000000000014").unwrap();
        for text in ["one", "two"] {
            // There is no server: both wait.
            let mut fleet = Fleet::new(clock());
            let desk = usual_terminal(ALICE, TerminalId(1), 1);
            let desk = fleet.terminal(desk, Box::new(kept.clone())).await.unwrap();
            let to = Msisdn::parse("+99070000003").unwrap();
            let sent = desk.text(Target::Sim(iccid), to, text);
            let waits = tokio::time::timeout(StdDuration::from_secs(10), sent).await;
            assert!(waits.is_err());
            fleet.crash().await;
        }
        let mut texts = Vec::new();
        let mut look = |record| {
            if let TerminalRecord::Text(text) = record {
                texts.push(text.body);
            }
        };
        kept.clone().replay(&mut look).await.unwrap();
        assert_eq!(texts, ["one", "two"]);
    })
    .await;
}
