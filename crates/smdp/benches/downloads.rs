//! What a download costs the server: four requests of ES9+, from the first word to the report.
#![expect(clippy::expect_used, reason = "a bench that cannot be set up stops")]

use divan::Bencher;
use divan::counter::ItemsCount;
use polysim_base::{Instant, Machine as _, Out};
use polysim_rsp::es2;
use polysim_rsp::es9::{Answer, Request};
use polysim_rsp::saip::testkit::builder;
use polysim_smdp::testkit::{Lab, SoftEuicc};
use polysim_smdp::{RequestId, Smdp, SmdpInput, SmdpOutput};

fn main() {
    divan::main();
}

/// Each download is of another profile to another eUICC.
const DOWNLOADS: u32 = 100;

fn run(smdp: &mut Smdp, input: SmdpInput) -> Option<SmdpOutput> {
    smdp.handle(Instant::ZERO, input);
    let mut first = None;
    while let Some(out) = smdp.poll_output() {
        if let Out::Do(output) = out {
            first = first.or(Some(output));
        }
    }
    first
}

fn es9(smdp: &mut Smdp, request: Request) -> Answer {
    let output = run(smdp, SmdpInput::Es9 { from: RequestId(1), request });
    let Some(SmdpOutput::Es9 { answer, .. }) = output else { unreachable!("an answer") };
    answer
}

fn ready(lab: &mut Lab) -> (Smdp, Vec<SoftEuicc>) {
    let mut smdp = lab.smdp(0);
    for number in 0..DOWNLOADS {
        let request = Lab::download_order(number, None);
        let output = run(&mut smdp, SmdpInput::Es2 { from: RequestId(1), request });
        let Some(SmdpOutput::Es2 { answer: es2::Answer::DownloadOrder { iccid }, .. }) = output
        else {
            unreachable!("a profile")
        };
        let order = Lab::confirmation(iccid, &format!("T{number}"));
        let request = Lab::call("confirm", es2::Function::ConfirmOrder(order.into()));
        run(&mut smdp, SmdpInput::Es2 { from: RequestId(1), request });
        run(&mut smdp, SmdpInput::Provisioned { iccid });
    }
    (smdp, (0..DOWNLOADS).map(|number| lab.euicc(number)).collect())
}

/// The requests of all downloads, as they are when the server answers them for the first time.
fn requests(smdp: &mut Smdp, euiccs: &mut [SoftEuicc]) -> Vec<Request> {
    let mut all = Vec::new();
    for (number, euicc) in (0_u32..).zip(euiccs) {
        let request = euicc.initiate();
        all.push(request.clone());
        let Answer::InitiateAuthentication(ok) = es9(smdp, request) else { unreachable!() };
        let request = euicc.authenticate(&ok, Some(&format!("T{number}")));
        all.push(request.clone());
        let Answer::AuthenticateClient(ok) = es9(smdp, request) else { unreachable!() };
        let request = euicc.prepare(&ok, None);
        all.push(request.clone());
        let iccid = ok.profile_metadata.iccid.digits().expect("an ICCID");
        let Answer::GetBoundProfilePackage { transaction_id, .. } = es9(smdp, request) else {
            unreachable!()
        };
        let request = euicc.report(&transaction_id, 1, iccid, None);
        all.push(request.clone());
        es9(smdp, request);
    }
    all
}

/// A server that is made again draws the same, so what an eUICC said to the first one holds for the
/// second, and the eUICCs cost nothing here.
#[divan::bench(sample_count = 5, sample_size = 1)]
fn downloads_by_the_server(bencher: Bencher<'_, '_>) {
    let template = builder().build().expect("a profile").encode().to_vec();
    let mut lab = Lab::new(3, &template);
    let (mut smdp, mut euiccs) = ready(&mut lab);
    let requests = requests(&mut smdp, &mut euiccs);
    bencher
        .counter(ItemsCount::new(DOWNLOADS))
        .with_inputs(|| (ready(&mut Lab::new(3, &template)).0, requests.clone()))
        .bench_local_values(|(mut smdp, requests)| {
            for request in requests {
                let answer = es9(&mut smdp, request);
                assert!(!matches!(answer, Answer::Refused(_)), "{answer:?}");
            }
            smdp
        });
}
