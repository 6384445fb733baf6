//! Our assistant, our server and our eUICC together, with HTTP bodies and APDUs between them.

mod credentials;
mod cut;

use super::server::{OperatorToken, SmdpNews, SmdpServer, SmdpService};
use super::*;
use crate::journal::MemoryJournal;
use async_trait::async_trait;
use polysim_base::{Duration, Eid, Iccid, Imsi, Instant, Plmn, Purpose, Stream};
use polysim_card::{Card, EuiccConfig, EuiccModel, IdentitySource};
use polysim_hal::testkit::ServedHttp;
use polysim_hal::{
    CardLink, CardReader as _, HttpErrorKind, HttpReceived, HttpRequest, HttpResponse,
    HttpService as _, TokioClock,
};
use polysim_hal_sim::{SimulatedReader, Slot};
use polysim_lpa::transport::TransportConfig;
use polysim_lpa::{
    Decide, Decision, Download, LpaCommand, LpaDone, LpaError, LpaEvent, LpaRecord, Question,
    Source, Stage, Withdrawal,
};
use polysim_rsp::activation::ActivationCode;
use polysim_rsp::crypto::{Mode, P256, Randomness};
use polysim_rsp::data::{DeviceCapabilities, DeviceInfo, UiccCapability};
use polysim_rsp::es2::{
    Answer, Call, ConfirmOrder, ConfirmationCode, DownloadOrder, Function, Request,
};
use polysim_rsp::pki::authority::{Authority, AuthorityConfig};
use polysim_rsp::pki::{EuiccIdentity, Oid, Role, Trust};
use polysim_rsp::saip::{Builder, Operator, Personal, SubscriptionKeys};
use polysim_smdp::{
    ProfileMetadata, ProfileType, Range, Smdp, SmdpConfig, SmdpInput, SmdpOutput, SmdpRecord, Stock,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const ADDRESS: &str = "smdp.example.com";
const OPERATOR: &str = "north";
const EPOCH: i64 = 1_790_000_000;

fn randomness(entity: u64) -> Randomness {
    Randomness::Simulated(Stream::derive(1, entity, Purpose::Keys, 0))
}

fn token() -> OperatorToken {
    OperatorToken::of(&[7; 32])
}

/// Certificates for everybody.
struct Office {
    authority: Authority,
    eid: Eid,
    euicc: EuiccIdentity,
}

impl Office {
    fn new() -> Self {
        let mut source = randomness(1);
        let authority = Authority::new(&mut source, &AuthorityConfig::default()).unwrap();
        let eid = Eid::with_check_digits("890490320000000000000000000001").unwrap();
        let eum = authority.eum(&mut source, "EUM", &["89049032"]).unwrap();
        let euicc = eum.euicc(&mut source, &eid).unwrap();
        Self { authority, eid, euicc }
    }

    fn trust(&self) -> Trust {
        let mut trust = Trust::new();
        trust.add_root(self.authority.root().clone(), Mode::Simulation).unwrap();
        trust
    }

    fn card(&self) -> Card {
        Card::new_euicc(EuiccConfig {
            model: Arc::new(EuiccModel::new(Arc::new(self.trust()), "smds.example.com")),
            eid: self.eid,
            identity: IdentitySource::Given(Arc::new(self.euicc.clone())),
            randomness: randomness(2),
            stream: Stream::derive(1, 2, Purpose::Test, 0),
            presets: Vec::new(),
        })
        .unwrap()
    }

    fn smdp(&self) -> Smdp {
        let mut source = randomness(3);
        let oid = Oid::parse("2.999.10").unwrap();
        let mut of = |role| self.authority.server(&mut source, role, &oid, ADDRESS).unwrap();
        let (auth, binding) = (of(Role::DpAuth), of(Role::DpPb));
        let credentials = polysim_smdp::Credentials {
            auth,
            trust: self.trust(),
            verifier: Arc::new(P256),
            randomness: randomness(4),
        };
        let config = SmdpConfig {
            address: ADDRESS.to_owned(),
            epoch: EPOCH,
            mode: Mode::Simulation,
            profiles: vec![profiles()],
            order_lifetime: Duration::from_secs(86_400),
            session_lifetime: Duration::from_secs(600),
        };
        Smdp::new(config, credentials, binding).unwrap()
    }
}

fn profiles() -> ProfileType {
    let iccid = Iccid::with_check_digit("898821100000000001").unwrap();
    let imsi = Imsi::parse("001010000000001").unwrap();
    let keys = SubscriptionKeys::Milenage { key: [0; 16].into(), opc: [0; 16].into() };
    let operator = Operator::new(Plmn::parse("00101").unwrap(), "North");
    let package = Builder::new(Personal::new(iccid, imsi, keys), operator).build().unwrap();
    ProfileType {
        name: "gold".to_owned(),
        operator: OPERATOR.to_owned(),
        template: package.encode().as_slice().into(),
        metadata: ProfileMetadata {
            service_provider_name: "North".to_owned(),
            profile_name: "Gold".to_owned(),
            ..ProfileMetadata::default()
        },
        stock: Stock::Range(Range { first_iccid: iccid, first_imsi: imsi, count: 100 }),
        capabilities: UiccCapability::USIM_SUPPORT,
        memory: 20_000,
    }
}

/// Where a message of HTTP is lost.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Loss {
    /// Before the server has it.
    Request(usize),
    /// After the server has it.
    Answer(usize),
}

/// An eUICC in a slot, a server, and the way between them.
struct World {
    office: Office,
    slot: Slot,
    server: SmdpServer,
    service: Arc<SmdpService>,
    records: MemoryJournal<SmdpRecord>,
    journal: MemoryJournal<LpaRecord>,
    posts: Arc<AtomicUsize>,
}

impl World {
    async fn new() -> Self {
        let office = Office::new();
        let slot = Slot::holding(office.card());
        let records = MemoryJournal::new();
        let (server, service) = start(&office, &records).await;
        let (journal, posts) = (MemoryJournal::new(), Arc::default());
        Self { office, slot, server, service, records, journal, posts }
    }

    /// The server dies, and another one goes on with its journal.
    async fn restart_server(&mut self) {
        (self.server, self.service) = start(&self.office, &self.records).await;
    }

    fn http(&self, loss: Option<Loss>) -> ServedHttp {
        let (service, posts) = (Arc::clone(&self.service), Arc::clone(&self.posts));
        ServedHttp::new(move |request| {
            let service = Arc::clone(&service);
            let number = posts.fetch_add(1, Ordering::Relaxed);
            async move {
                if loss == Some(Loss::Request(number)) {
                    return Err(HttpErrorKind::Unreachable);
                }
                let answer = service.answer(received(request)).await;
                if loss == Some(Loss::Answer(number)) {
                    return Err(HttpErrorKind::Garbled);
                }
                Ok(HttpResponse { status: answer.status, body: answer.body })
            }
        })
    }

    async fn link(&self) -> Box<dyn CardLink> {
        let mut reader = SimulatedReader::new([("reader".to_owned(), self.slot.clone())]);
        reader.connect("reader").await.unwrap()
    }

    async fn esim(&self, loss: Option<Loss>) -> Esim {
        let servers = Servers::new(Box::new(self.http(loss)));
        let journal = Box::new(self.journal.clone());
        let clock = Arc::new(TokioClock::starting_at(Instant::ZERO));
        let options = TransportConfig::default();
        Esim::open(self.link().await, options, servers, journal, clock).await.unwrap()
    }

    /// Orders a profile as an operator does, by HTTP.
    async fn order(&self, code: Option<&str>) -> Order {
        let servers = Servers::new(Box::new(self.http(None)));
        let ask = async |id: &str, function| {
            let call = Call { requester: OPERATOR.to_owned(), id: id.to_owned() };
            let request = Request { call, function };
            servers.es2(ADDRESS, &token(), &request).await.unwrap()
        };
        let order =
            DownloadOrder { profile_type: Some("gold".to_owned()), ..DownloadOrder::default() };
        let answer = ask("order", Function::DownloadOrder(order)).await;
        let Answer::DownloadOrder { iccid } = answer else { panic!("{answer:?}") };
        let confirm = ConfirmOrder {
            iccid,
            eid: None,
            matching_id: None,
            confirmation_code: code.map(|code| ConfirmationCode::parse(code).unwrap()),
            smds_address: None,
            release: true,
        };
        let answer = ask("confirm", Function::ConfirmOrder(Box::new(confirm))).await;
        let Answer::ConfirmOrder(ok) = answer else { panic!("{answer:?}") };
        assert_eq!(ok.smdp_address, ADDRESS);
        self.posts.store(0, Ordering::Relaxed);
        let token = ok.matching_id.unwrap();
        Order { iccid, code: ActivationCode::new(ADDRESS, token.as_str()).unwrap() }
    }
}

struct Order {
    iccid: Iccid,
    code: ActivationCode,
}

impl Order {
    fn download(&self) -> LpaCommand {
        let source = Source::ActivationCode(Box::new(self.code.clone()));
        let mut download = Download::unattended(source, device());
        download.consent = Decide::Ask;
        LpaCommand::Download(Box::new(download))
    }
}

fn device() -> DeviceInfo {
    DeviceInfo {
        tac: [0x35, 0x69, 0x38, 0x03].into(),
        device_capabilities: DeviceCapabilities::default(),
        imei: None,
    }
}

fn received(request: HttpRequest) -> HttpReceived {
    let headers = request.headers.into_iter();
    let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value)).collect();
    HttpReceived { path: request.path, headers, body: request.body }
}

async fn start(
    office: &Office,
    records: &MemoryJournal<SmdpRecord>,
) -> (SmdpServer, Arc<SmdpService>) {
    let clock = Arc::new(TokioClock::starting_at(Instant::ZERO));
    let journal = Box::new(records.clone());
    let (server, news) = SmdpServer::start(office.smdp(), journal, clock).await.unwrap();
    tokio::spawn(operators(news, server.clone()));
    let service = Arc::new(SmdpService::new(server.clone(), Some(token())));
    (server, service)
}

/// Operators who take everything at once.
async fn operators(mut news: SmdpNews, server: SmdpServer) {
    while let Some(output) = news.next().await {
        let input = match output {
            SmdpOutput::Provision { iccid, .. } => SmdpInput::Provisioned { iccid },
            SmdpOutput::Progress { id, .. } => SmdpInput::ProgressTaken { id },
            other @ (SmdpOutput::Es9 { .. } | SmdpOutput::Es2 { .. } | SmdpOutput::Es12 { .. }) => {
                panic!("{other:?}")
            }
        };
        server.tell(input).await.unwrap();
    }
}

/// A user who writes down what is told, and has a confirmation code.
#[derive(Default)]
struct User {
    stages: Vec<Stage>,
    codes: Vec<&'static str>,
    gives_up: bool,
}

#[async_trait]
impl EsimUser for User {
    fn hear(&mut self, event: &LpaEvent) {
        if let LpaEvent::Progressed { stage, .. } = event {
            self.stages.push(stage.clone());
        }
    }

    async fn decide(&mut self, question: Question) -> Decision {
        match question {
            Question::Consent { .. } if self.gives_up => Decision::Withdraw(Withdrawal::Rejected),
            Question::Consent { profile, .. } => {
                assert_eq!(profile.profile_name, "Gold");
                Decision::Agree
            }
            Question::ConfirmationCode { .. } => match self.codes.pop() {
                Some(code) => Decision::ConfirmationCode(
                    polysim_rsp::activation::ConfirmationCode::new(code).unwrap(),
                ),
                None => Decision::Withdraw(Withdrawal::Postponed),
            },
        }
    }

    async fn withdraws(&mut self) -> Withdrawal {
        std::future::pending().await
    }
}

async fn iccids(esim: &mut Esim) -> Vec<String> {
    let listed = esim.carry_out(LpaCommand::List, &mut Unattended).await.unwrap();
    let LpaDone::Listed(profiles) = listed else { panic!("{listed:?}") };
    profiles.iter().map(|profile| profile.iccid.as_ref().unwrap().to_string()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_profile_is_ordered_downloaded_enabled_and_deleted_and_the_server_hears_of_it() {
    let world = World::new().await;
    let order = world.order(None).await;
    let mut esim = world.esim(None).await;
    let mut user = User::default();
    let done = esim.carry_out(order.download(), &mut user).await.unwrap();
    let LpaDone::Downloaded(installed) = done else { panic!("{done:?}") };
    assert_eq!(installed.name, "Gold");
    let loaded = user.stages.iter().filter(|it| matches!(it, Stage::Loading { .. })).count();
    assert!(loaded >= 7, "segment by segment: {:?}", user.stages);
    assert_eq!(iccids(&mut esim).await, [order.iccid.to_string()]);
    let profile = polysim_rsp::data::ProfileIdentifier::Iccid(installed.iccid());
    let enable = LpaCommand::Enable { profile: profile.clone(), refresh: true };
    assert_eq!(esim.carry_out(enable, &mut Unattended).await.unwrap(), LpaDone::Enabled);
    let disable = LpaCommand::Disable { profile: profile.clone(), refresh: false };
    assert_eq!(esim.carry_out(disable, &mut Unattended).await.unwrap(), LpaDone::Disabled);
    let deleted = esim.carry_out(LpaCommand::Delete(profile), &mut Unattended).await.unwrap();
    assert_eq!(deleted, LpaDone::Deleted);
    let told = esim.carry_out(LpaCommand::ProcessNotifications, &mut Unattended).await.unwrap();
    let LpaDone::Processed(reports) = told else { panic!("{told:?}") };
    assert!(reports.iter().all(|report| report.taken == polysim_lpa::Taken::Yes), "{reports:?}");
    assert_eq!(reports.len(), 4, "installed, enabled, disabled, deleted");
    let left = esim.carry_out(LpaCommand::ListNotifications, &mut Unattended).await.unwrap();
    assert_eq!(left, LpaDone::Notifications(Vec::new()));
    assert_eq!(iccids(&mut esim).await, Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_confirmation_code_is_asked_for_until_it_is_right() {
    let world = World::new().await;
    let order = world.order(Some("4711")).await;
    let mut esim = world.esim(None).await;
    let mut user = User { codes: vec!["4711", "0815"], ..User::default() };
    let done = esim.carry_out(order.download(), &mut user).await.unwrap();
    assert!(matches!(done, LpaDone::Downloaded(_)));
    assert!(user.codes.is_empty(), "the wrong one was given first");
}

#[tokio::test(start_paused = true)]
async fn a_profile_that_is_not_wanted_is_given_up_on_both_sides() {
    let world = World::new().await;
    let order = world.order(None).await;
    let mut esim = world.esim(None).await;
    let mut user = User { gives_up: true, ..User::default() };
    let fault = esim.carry_out(order.download(), &mut user).await.unwrap_err();
    assert!(matches!(fault, EsimFault::Lpa { error: LpaError::Cancelled(_), .. }), "{fault}");
    let fault = esim.carry_out(order.download(), &mut User::default()).await.unwrap_err();
    assert!(matches!(fault, EsimFault::Lpa { error: LpaError::Refused { .. }, .. }), "{fault}");
    assert_eq!(iccids(&mut esim).await, Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn what_is_no_request_of_the_protocol_is_refused_by_http() {
    let world = World::new().await;
    let es9 = "/gsma/rsp2/es9plus/initiateAuthentication";
    let es2 = "/gsma/rsp2/es2plus/downloadOrder";
    let json = ("content-type", "application/json;charset=UTF-8");
    let bearer = format!("Bearer {}", "07".repeat(32));
    let bearer = ("authorization", bearer.as_str());
    for (path, headers, status) in [
        ("/", vec![json], 404),
        (es9, vec![], 415),
        (es9, vec![("content-type", "text/plain")], 415),
        (es9, vec![json], 400),
        (es9, vec![json, ("x-admin-protocol", "gsma/rsp/v3.0.0")], 400),
        (es2, vec![json], 401),
        (es2, vec![json, ("authorization", "Bearer 07")], 401),
        (es2, vec![json, bearer], 400),
        (es2, vec![bearer], 415),
    ] {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let headers = headers.iter().map(owned).collect();
        let request = HttpReceived { path: path.to_owned(), headers, body: b"{".to_vec() };
        let answer = world.service.answer(request.clone()).await;
        assert_eq!(answer.status, status, "{path} {:?}", request.headers);
        assert!(!answer.body.is_empty(), "it says why");
    }
    let nobody = SmdpService::new(world.server.clone(), None);
    let headers = vec![(bearer.0.to_owned(), bearer.1.to_owned())];
    let request = HttpReceived { path: es2.to_owned(), headers, body: Vec::new() };
    assert_eq!(nobody.answer(request).await.status, 401, "without a token there is no ES2+");
}

#[test]
fn a_token_is_long_and_never_shown() {
    assert!(OperatorToken::parse("short").is_err());
    assert!(OperatorToken::parse(&"a b".repeat(20)).is_err());
    let token = OperatorToken::parse(&format!("{}\n", "a1".repeat(16))).unwrap();
    assert_eq!(format!("{token:?}"), "OperatorToken(***)");
    assert_eq!(token.header(), format!("Bearer {}", "a1".repeat(16)));
}
