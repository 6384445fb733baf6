use super::*;
use crate::{Event, ModemFault, UssdAnswer};
use polysim_at::{CallState, Command, CopsMode, Form, UssdStatus};
use polysim_modem::{CallEnd, ModemError, ModemEvent, OperatorSelection, Signal};

#[tokio::test(start_paused = true)]
async fn an_outgoing_call_is_followed_to_its_end() {
    let (modem, far) = ready().await;
    far.fake().calls = vec!["1,0,3,0,0,\"+491701234567\",145".into()];
    let mut call = modem.dial("+491701234567").await.unwrap();
    assert_eq!(call.progress().info.state, CallState::Alerting);
    far.fake().calls = vec!["1,0,0,0,0,\"+491701234567\",145".into()];
    call.answered().await.unwrap();
    call.dtmf("12#").await.unwrap();
    assert_eq!(call.dtmf("1x").await, Err(ModemFault::Tone { tone: 'x' }));
    far.fake().calls.clear();
    call.hang_up().await.unwrap();
    assert_eq!(call.ended().await, CallEnd::HungUp);
    let over = Err(ModemFault::Modem(ModemError::CallEnded(CallEnd::HungUp)));
    assert_eq!(call.hang_up().await, over);
    assert_eq!(call.answered().await, over);
    let tones = far.lines().into_iter().filter(|line| line.starts_with("AT+VTS"));
    assert_eq!(tones.count(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_rings_is_answered_and_a_later_one_of_its_number_is_another() {
    let (modem, far) = ready().await;
    let mut calls = modem.incoming_calls();
    for _ in 0..2 {
        far.fake().calls = vec!["1,1,4,0,0,\"+49170\",145".into()];
        far.say(&["+CRING: VOICE", "+CLIP: \"+49170\",145,,,,0"]);
        let mut call = calls.next().await.unwrap();
        let number = call.progress().info.number.unwrap();
        assert_eq!(number.as_str(), Some("+49170"));
        far.fake().calls = vec!["1,1,0,0,0,\"+49170\",145".into()];
        call.answer().await.unwrap();
        call.answered().await.unwrap();
        far.fake().calls.clear();
        far.say(&["NO CARRIER"]);
        assert_eq!(call.ended().await, CallEnd::Released);
    }
}

#[tokio::test(start_paused = true)]
async fn a_busy_number_is_an_error_with_its_cause() {
    let (modem, far) = ready().await;
    far.fake().once.push_back(("ATD".into(), "\r\nBUSY\r\n".into()));
    let busy = modem.dial("+491701234567").await.map(|call| call.id());
    assert_eq!(busy, Err(ModemError::CallEnded(CallEnd::Busy).into()));
    assert!(matches!(modem.dial("12;ATH").await, Err(ModemFault::Argument(_))));
}

#[tokio::test(start_paused = true)]
async fn ussd_waits_for_the_network_and_goes_on() {
    let (modem, far) = ready().await;
    let modem_asks = modem.clone();
    let asked = tokio::spawn(async move { modem_asks.ussd("*100#").await });
    secs(1).await;
    far.say(&["+CUSD: 1,\"Balance 5. More?\",15"]);
    let question = asked.await.unwrap().unwrap();
    assert!(question.is_question());
    let modem_answers = modem.clone();
    let answered = tokio::spawn(async move { modem_answers.ussd("1").await });
    secs(1).await;
    far.say(&["+CUSD: 0,\"Bye\",15"]);
    let last = UssdAnswer { status: UssdStatus::Done, text: Some("Bye".into()) };
    assert_eq!(answered.await.unwrap(), Ok(last));
    let within = super::super::USSD_PATIENCE;
    assert_eq!(modem.ussd("*101#").await, Err(ModemFault::NoUssdAnswer { within }));
}

#[tokio::test(start_paused = true)]
async fn signal_operator_networks_and_raw_lines_are_asked_for() {
    let (modem, far) = ready().await;
    let answers = [
        ("AT+CESQ", "\r\nERROR\r\n"),
        ("AT+CSQ", "\r\n+CSQ: 20,99\r\n\r\nOK\r\n"),
        ("AT+COPS=?", "\r\n+COPS: (2,\"Home\",\"Home\",\"00101\",7),,(0-4),(0-2)\r\n\r\nOK\r\n"),
    ];
    for (line, answer) in answers {
        far.fake().answers.insert(line.into(), answer.into());
    }
    let Ok(Signal::Basic(signal)) = modem.signal().await else { panic!() };
    assert_eq!(signal.rssi, 20);
    assert_eq!(modem.operator().await, Err(ModemError::BadAnswer { command: "+COPS" }.into()));
    assert_eq!(modem.scan().await.unwrap().len(), 1);
    let lines = modem.raw(Command::Csq(Form::Execute)).await.unwrap();
    assert_eq!(*lines[0], *b"+CSQ: 20,99");
    let refused = modem.raw(Command::Cmux(Form::Read)).await;
    assert!(refused.is_ok(), "it opens nothing");
    modem.register(OperatorSelection::Automatic).await.unwrap();
    assert!(
        far.lines().iter().any(|line| line == &format!("AT+COPS={}", CopsMode::Automatic.code()))
    );
}

#[tokio::test(start_paused = true)]
async fn events_tell_what_happens_by_itself() {
    let (modem, far) = ready().await;
    let mut events = modem.events();
    far.say(&["+CTZV: \"+04\""]);
    far.say(&["+CREG: 3,\"00A1\",\"0000B2C3\",7"]);
    let mut told = Vec::new();
    while told.len() < 2 {
        let event = events.next().await.unwrap();
        match &event {
            Event::Modem(ModemEvent::NetworkTime { .. }) => told.push("time"),
            Event::Modem(ModemEvent::Registration(state)) if !state.is_registered() => {
                told.push("registration");
            }
            Event::Modem(_)
            | Event::PortLost(_)
            | Event::PortOpened
            | Event::Missed(_)
            | Event::TextLost => panic!("{event:?}"),
        }
    }
    let within = polysim_base::Duration::from_secs(2);
    let late = modem.wait_registered(within).await;
    assert!(matches!(late, Err(ModemFault::NotRegistered { .. })), "{late:?}");
    assert!(!modem.status().registration.is_registered());
}
