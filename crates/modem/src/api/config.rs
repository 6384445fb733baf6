use alloc::{borrow::Cow, sync::Arc};

use polysim_at::MessageStore;
use polysim_base::Duration;
use polysim_sms::Limits;

/// How a modem is driven; shared by all machines that are driven alike.
#[derive(Clone, Debug)]
pub struct Config {
    /// What initialisation sends.
    pub init: InitPlan,
    /// How long answers may take.
    pub deadlines: Deadlines,
    /// How often the registration is asked for besides what the modem tells; zero: never.
    pub registration_poll: Duration,
    /// How often calls are listed while there is one; zero: only when the modem tells something.
    pub call_poll: Duration,
    /// Limits of the reassembly of long texts.
    pub reassembly: Limits,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            init: InitPlan::default(),
            deadlines: Deadlines::default(),
            registration_poll: Duration::from_secs(300),
            call_poll: Duration::from_secs(1),
            reassembly: Limits::default(),
        }
    }
}

impl Config {
    /// Returns the configuration for a storm of mass devices: URCs only, no polls.
    #[must_use]
    pub fn lean() -> Arc<Self> {
        Arc::new(Self { registration_poll: Duration::ZERO, ..Self::default() })
    }
}

/// One step of initialisation, usually one exchange. Every step but the card may be refused.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum InitStep {
    /// `ATE0`: no echo. Tolerated if refused.
    EchoOff,
    /// `ATV1`: results in words.
    Verbose,
    /// `AT+CMEE=1`: causes as numbers.
    ErrorCauses,
    /// `AT+CSCS="IRA"`: names and USSD as they are read here, whatever an earlier program wanted.
    CharacterSet,
    /// `AT+CGMI`: the manufacturer.
    Manufacturer,
    /// `AT+CGMM`: the model.
    Model,
    /// `AT+CGSN`: the IMEI.
    Imei,
    /// `AT+CPIN?`, and entering the PIN if the card asks. Without it there is no modem.
    Card,
    /// `AT+CFUN=1`: everything on.
    PowerOn,
    /// `AT+CIMI`: the IMSI.
    Imsi,
    /// The ICCID, from EF ICCID by `+CRSM`.
    Iccid,
    /// `AT+CMGF=0`: texts as PDUs.
    PduMode,
    /// `AT+CSMS=1`: deliveries are acknowledged by us.
    MessageService,
    /// `AT+CPMS=…`: which store.
    Store,
    /// `AT+CNMI=…`: where texts and reports go.
    TextRouting,
    /// `AT+CREG=3`, or `=2` where that is refused.
    CircuitRegistration,
    /// `AT+CGREG=3`, or `=2` where that is refused.
    PacketRegistration,
    /// `AT+CEREG=3`, or `=2` where that is refused.
    EpsRegistration,
    /// `AT+CLIP=1`: who calls.
    CallerId,
    /// `AT+CRC=1`: what kind of call.
    RingKind,
    /// `AT+CCWA=1`: waiting calls are told.
    CallWaiting,
    /// `AT+CUSD=1`: USSD is told.
    Ussd,
    /// `AT+CTZR=1`: the network's time zone is told.
    TimeZone,
    /// `AT+QPCMV=1,0`, or `AT+CPCMREG=1`: speech of calls on a PCM port, with makes that have one.
    SpeechPort,
    /// `AT+CMGL=4`: texts that came while nobody listened.
    DrainStore,
    /// `AT+CREG?`: the registration as it is now.
    ReadRegistration,
}

/// What initialisation sends, in order, and how texts are to come.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct InitPlan {
    /// The steps.
    pub steps: Cow<'static, [InitStep]>,
    /// The store for [`InitStep::Store`].
    pub store: MessageStore,
    /// How texts come.
    pub routing: TextRouting,
}

/// How texts come from the modem.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum TextRouting {
    /// Stored, told by `+CMTI`, read, and deleted once recorded. The safest.
    #[default]
    Stored,
    /// Directly by `+CMT`, acknowledged by `+CNMA` once recorded. Only with `+CSMS=1`: without it
    /// nothing would keep the text until it is recorded, and `Stored` is used instead.
    Direct,
}

impl InitPlan {
    /// Everything.
    pub const FULL: &'static [InitStep] = &[
        InitStep::EchoOff,
        InitStep::Verbose,
        InitStep::ErrorCauses,
        InitStep::CharacterSet,
        InitStep::Manufacturer,
        InitStep::Model,
        InitStep::Imei,
        InitStep::CircuitRegistration,
        InitStep::PacketRegistration,
        InitStep::EpsRegistration,
        InitStep::Card,
        InitStep::PowerOn,
        InitStep::Imsi,
        InitStep::Iccid,
        InitStep::PduMode,
        InitStep::MessageService,
        InitStep::Store,
        InitStep::TextRouting,
        InitStep::CallerId,
        InitStep::RingKind,
        InitStep::CallWaiting,
        InitStep::Ussd,
        InitStep::TimeZone,
        InitStep::DrainStore,
        InitStep::ReadRegistration,
    ];

    /// What a mass device needs: 21 exchanges, 20 if the registration was told before.
    pub const LEAN: &'static [InitStep] = &[
        InitStep::EchoOff,
        InitStep::Verbose,
        InitStep::ErrorCauses,
        InitStep::Imei,
        InitStep::CircuitRegistration,
        InitStep::PacketRegistration,
        InitStep::EpsRegistration,
        InitStep::Card,
        InitStep::PowerOn,
        InitStep::Imsi,
        InitStep::Iccid,
        InitStep::PduMode,
        InitStep::MessageService,
        InitStep::Store,
        InitStep::TextRouting,
        InitStep::CallerId,
        InitStep::RingKind,
        InitStep::CallWaiting,
        InitStep::Ussd,
        InitStep::DrainStore,
        InitStep::ReadRegistration,
    ];

    /// Returns the plan of a modem of a pool, where cards come and go: everything but
    /// [`InitStep::PowerOn`], for such a modem goes on the air only when it holds no texts of
    /// another card; and speech on the PCM port. Texts are stored in the modem first and read from
    /// the card, too: one that was not read before its card is gone is still there then.
    #[must_use]
    pub fn pool() -> Self {
        let steps = Self::FULL.iter().copied().filter(|step| *step != InitStep::PowerOn);
        let steps = steps.chain([InitStep::SpeechPort]).collect();
        Self { steps: Cow::Owned(steps), store: MessageStore::Combined, ..Self::lean() }
    }

    /// Returns the steps of [`Self::LEAN`] with texts in the card.
    #[must_use]
    pub const fn lean() -> Self {
        Self {
            steps: Cow::Borrowed(Self::LEAN),
            store: MessageStore::Sim,
            routing: TextRouting::Stored,
        }
    }
}

impl Default for InitPlan {
    fn default() -> Self {
        Self { steps: Cow::Borrowed(Self::FULL), ..Self::lean() }
    }
}

/// How long the answer to a command may take, by class.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Deadlines {
    /// What the modem answers by itself.
    pub local: Duration,
    /// What the card has to do with.
    pub card: Duration,
    /// The prompt for a PDU.
    pub prompt: Duration,
    /// What the network has to do with: operators, supplementary services, contexts.
    pub network: Duration,
    /// Sending a text, from the PDU on.
    pub submit: Duration,
    /// Calls: dial, answer, hang up, hold.
    pub call: Duration,
    /// Looking for networks.
    pub scan: Duration,
    /// An APDU for an application of the card: it may be long at work.
    pub apdu: Duration,
    /// The `AT` that tests whether the modem answers at all.
    pub resync: Duration,
    /// Silence that ends a resynchronisation in which an answer may still come late.
    pub settle: Duration,
    /// Between two probes of a modem that does not answer.
    pub probe: Duration,
    /// After a reset was told, until the first command.
    pub reset_guard: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self {
            local: Duration::from_secs(5),
            card: Duration::from_secs(15),
            prompt: Duration::from_secs(10),
            network: Duration::from_secs(60),
            submit: Duration::from_secs(120),
            call: Duration::from_secs(90),
            scan: Duration::from_secs(180),
            apdu: Duration::from_secs(240),
            resync: Duration::from_secs(2),
            settle: Duration::from_millis(500),
            probe: Duration::from_secs(10),
            reset_guard: Duration::from_millis(500),
        }
    }
}
