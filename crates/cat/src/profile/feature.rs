//! The bits of TERMINAL PROFILE (TS 102.223, 5.2; TS 31.111, 5.2).

macro_rules! features {
    ($($name:ident = $octet:literal . $bit:literal, $words:literal;)+) => {
        /// What a terminal can do: a bit of its profile.
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        #[non_exhaustive]
        pub enum Feature {
            $(#[doc = concat!("Octet ", $octet, ", bit ", $bit, ": ", $words, ".")] $name,)+
        }

        impl Feature {
            /// Every feature, in the order of the bits.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// Returns its octet and its bit, both counted from 1 as the standard does.
            #[must_use]
            pub const fn place(self) -> (u8, u8) {
                match self { $(Self::$name => ($octet, $bit),)+ }
            }
        }

        impl core::fmt::Display for Feature {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(match self { $(Self::$name => $words,)+ })
            }
        }
    };
}

features! {
    ProfileDownload = 1 . 1, "profile download";
    SmsPpDownload = 1 . 2, "SMS-PP data download";
    CellBroadcastDownload = 1 . 3, "cell broadcast data download";
    MenuSelection = 1 . 4, "menu selection";
    SmsPpErrorCodes = 1 . 5, "SMS-PP data download, also for its errors";
    TimerExpiration = 1 . 6, "timer expiration";
    UssdInCallControl = 1 . 7, "USSD string in call control";
    RedialInCallControl = 1 . 8, "call control during redial";
    CommandResult = 2 . 1, "command result";
    CallControl = 2 . 2, "call control";
    CellInCallControl = 2 . 3, "cell identity in call control";
    SmsControl = 2 . 4, "short message control";
    AlphaIdentifiers = 2 . 5, "alpha identifiers in control";
    Ucs2Entry = 2 . 6, "UCS-2 entry";
    Ucs2Display = 2 . 7, "UCS-2 display";
    ExtensionText = 2 . 8, "display of extension text";
    DisplayText = 3 . 1, "DISPLAY TEXT";
    GetInkey = 3 . 2, "GET INKEY";
    GetInput = 3 . 3, "GET INPUT";
    MoreTime = 3 . 4, "MORE TIME";
    PlayTone = 3 . 5, "PLAY TONE";
    PollInterval = 3 . 6, "POLL INTERVAL";
    PollingOff = 3 . 7, "POLLING OFF";
    Refresh = 3 . 8, "REFRESH";
    SelectItem = 4 . 1, "SELECT ITEM";
    SendShortMessage = 4 . 2, "SEND SHORT MESSAGE";
    SendSs = 4 . 3, "SEND SS";
    SendUssd = 4 . 4, "SEND USSD";
    SetUpCall = 4 . 5, "SET UP CALL";
    SetUpMenu = 4 . 6, "SET UP MENU";
    LocalInformation = 4 . 7, "PROVIDE LOCAL INFORMATION of location and IMEI";
    LocalMeasurement = 4 . 8, "PROVIDE LOCAL INFORMATION of network measurement results";
    SetUpEventList = 5 . 1, "SET UP EVENT LIST";
    EventMtCall = 5 . 2, "event MT call";
    EventCallConnected = 5 . 3, "event call connected";
    EventCallDisconnected = 5 . 4, "event call disconnected";
    EventLocationStatus = 5 . 5, "event location status";
    EventUserActivity = 5 . 6, "event user activity";
    EventIdleScreen = 5 . 7, "event idle screen available";
    EventCardReaderStatus = 5 . 8, "event card reader status";
    EventLanguageSelection = 6 . 1, "event language selection";
    EventBrowserTermination = 6 . 2, "event browser termination";
    EventDataAvailable = 6 . 3, "event data available";
    EventChannelStatus = 6 . 4, "event channel status";
    EventAccessTechnology = 6 . 5, "event access technology change";
    EventDisplayParameters = 6 . 6, "event display parameters changed";
    EventLocalConnection = 6 . 7, "event local connection";
    EventSearchMode = 6 . 8, "event network search mode change";
    PowerOnCard = 7 . 1, "POWER ON CARD";
    PowerOffCard = 7 . 2, "POWER OFF CARD";
    PerformCardApdu = 7 . 3, "PERFORM CARD APDU";
    ReaderStatus = 7 . 4, "GET READER STATUS of the status";
    ReaderIdentifier = 7 . 5, "GET READER STATUS of the identifier";
    TimerStartStop = 8 . 1, "TIMER MANAGEMENT to start and stop";
    TimerValue = 8 . 2, "TIMER MANAGEMENT to get the value";
    LocalDateTime = 8 . 3, "PROVIDE LOCAL INFORMATION of date and time";
    InkeyYesNo = 8 . 4, "yes or no in GET INKEY";
    SetUpIdleModeText = 8 . 5, "SET UP IDLE MODE TEXT";
    RunAtCommand = 8 . 6, "RUN AT COMMAND";
    SecondAlphaInCall = 8 . 7, "second alpha identifier in SET UP CALL";
    SecondCapabilities = 8 . 8, "second capability configuration in call control";
    SustainedText = 9 . 1, "sustained DISPLAY TEXT";
    SendDtmf = 9 . 2, "SEND DTMF";
    LocalBcchList = 9 . 3, "BCCH channel list with network measurement results";
    LocalLanguage = 9 . 4, "PROVIDE LOCAL INFORMATION of the language";
    LocalTimingAdvance = 9 . 5, "PROVIDE LOCAL INFORMATION of the timing advance";
    LanguageNotification = 9 . 6, "LANGUAGE NOTIFICATION";
    LaunchBrowser = 9 . 7, "LAUNCH BROWSER";
    LocalAccessTechnology = 9 . 8, "PROVIDE LOCAL INFORMATION of the access technology";
    SoftKeysInSelectItem = 10 . 1, "soft keys for SELECT ITEM";
    SoftKeysInMenu = 10 . 2, "soft keys for SET UP MENU";
    OpenChannel = 12 . 1, "OPEN CHANNEL";
    CloseChannel = 12 . 2, "CLOSE CHANNEL";
    ReceiveData = 12 . 3, "RECEIVE DATA";
    SendData = 12 . 4, "SEND DATA";
    GetChannelStatus = 12 . 5, "GET CHANNEL STATUS";
    ServiceSearch = 12 . 6, "SERVICE SEARCH";
    GetServiceInformation = 12 . 7, "GET SERVICE INFORMATION";
    DeclareService = 12 . 8, "DECLARE SERVICE";
    BearerCsd = 13 . 1, "CSD bearer";
    BearerGprs = 13 . 2, "GPRS bearer";
    BearerBluetooth = 13 . 3, "Bluetooth bearer";
    BearerIrDa = 13 . 4, "IrDA bearer";
    BearerRs232 = 13 . 5, "RS232 bearer";
    NoDisplay = 14 . 6, "no display";
    NoKeypad = 14 . 7, "no keypad";
    ScreenSizing = 14 . 8, "screen sizing";
    VariableFonts = 15 . 8, "variable size fonts";
    ResizableScreen = 16 . 1, "resizable screen";
    TextWrapping = 16 . 2, "text wrapping";
    TextScrolling = 16 . 3, "text scrolling";
    TextAttributes = 16 . 4, "text attributes";
    TcpClient = 17 . 1, "TCP client, remote";
    UdpClient = 17 . 2, "UDP client, remote";
    TcpServer = 17 . 3, "TCP server";
    TcpLocal = 17 . 4, "TCP client, local";
    UdpLocal = 17 . 5, "UDP client, local";
    DirectChannel = 17 . 6, "direct communication channel";
    BearerEUtran = 17 . 7, "E-UTRAN bearer";
    BearerHsdpa = 17 . 8, "HSDPA bearer";
    DisplayTextDuration = 18 . 1, "DISPLAY TEXT with a duration";
    InkeyHelp = 18 . 2, "help in GET INKEY with immediate response or a duration";
    BearerUsb = 18 . 3, "USB bearer";
    InkeyDuration = 18 . 4, "GET INKEY with a duration";
    LocalEsn = 18 . 5, "PROVIDE LOCAL INFORMATION of the ESN";
    GprsControl = 18 . 6, "call control of GPRS";
    LocalImeisv = 18 . 7, "PROVIDE LOCAL INFORMATION of the IMEISV";
    LocalSearchMode = 18 . 8, "PROVIDE LOCAL INFORMATION of the network search mode";
    BrowserWml = 21 . 1, "WML browser";
    BrowserXhtml = 21 . 2, "XHTML browser";
    BrowserHtml = 21 . 3, "HTML browser";
    BrowserChtml = 21 . 4, "cHTML browser";
    UtranExtended = 22 . 1, "UTRAN packet service with extended parameters";
    LocalBattery = 22 . 2, "PROVIDE LOCAL INFORMATION of the battery";
    Melodies = 22 . 3, "PLAY TONE of melodies and themes";
    MultimediaCalls = 22 . 4, "multimedia calls in SET UP CALL";
    ToolkitGba = 22 . 5, "toolkit-initiated GBA";
    RetrieveMultimediaMessage = 22 . 6, "RETRIEVE MULTIMEDIA MESSAGE";
    SubmitMultimediaMessage = 22 . 7, "SUBMIT MULTIMEDIA MESSAGE";
    DisplayMultimediaMessage = 22 . 8, "DISPLAY MULTIMEDIA MESSAGE";
    SetFrames = 23 . 1, "SET FRAMES";
    GetFramesStatus = 23 . 2, "GET FRAMES STATUS";
    MmsNotification = 23 . 3, "MMS notification download";
    AlphaInRefresh = 23 . 4, "alpha identifier in REFRESH";
    GeographicalReporting = 23 . 5, "geographical location reporting";
    LocalMeid = 23 . 6, "PROVIDE LOCAL INFORMATION of the MEID";
    LocalUtranMeasurement = 23 . 7, "network measurement results of UTRAN and E-UTRAN";
    UssdDownload = 23 . 8, "USSD data download";
    EventBrowsingStatus = 25 . 1, "event browsing status";
    MmsTransferStatus = 25 . 2, "MMS transfer status";
    EventFramesInformation = 25 . 3, "event frames information changed";
    EventIWlanAccess = 25 . 4, "event I-WLAN access status";
    EventNetworkRejection = 25 . 5, "event network rejection";
    EventHciConnectivity = 25 . 6, "event HCI connectivity";
    EUtranRejection = 25 . 7, "E-UTRAN in event network rejection";
    SeveralAccessTechnologies = 25 . 8, "several access technologies";
    EventCsgSelection = 26 . 1, "event CSG cell selection";
    EventContactlessRequest = 26 . 2, "event contactless state request";
    AlignmentLeft = 28 . 1, "alignment left";
    AlignmentCentre = 28 . 2, "alignment centre";
    AlignmentRight = 28 . 3, "alignment right";
    FontNormal = 28 . 4, "normal font size";
    FontLarge = 28 . 5, "large font size";
    FontSmall = 28 . 6, "small font size";
    StyleNormal = 29 . 1, "normal style";
    StyleBold = 29 . 2, "bold style";
    StyleItalic = 29 . 3, "italic style";
    StyleUnderlined = 29 . 4, "underlined style";
    StyleStrikethrough = 29 . 5, "strikethrough style";
    TextForeground = 29 . 6, "foreground colour of text";
    TextBackground = 29 . 7, "background colour of text";
    BearerIWlan = 30 . 1, "I-WLAN bearer";
    LocalIWlan = 30 . 2, "PROVIDE LOCAL INFORMATION of the I-WLAN";
    TerminalApplications = 30 . 3, "terminal applications";
    Steering = 30 . 4, "REFRESH for steering of roaming";
    Activate = 30 . 5, "ACTIVATE";
    GeographicalRequest = 30 . 6, "GEOGRAPHICAL LOCATION REQUEST";
    LocalBroadcastNetwork = 30 . 7, "PROVIDE LOCAL INFORMATION of the broadcast network";
    IWlanSteering = 30 . 8, "REFRESH for steering of roaming for I-WLAN";
    ContactlessStateChanged = 31 . 1, "CONTACTLESS STATE CHANGED";
    CsgDiscovery = 31 . 2, "CSG cell discovery";
    ServerConfirmation = 31 . 3, "confirmation parameters for a server in OPEN CHANNEL";
    ImsControl = 31 . 4, "communication control for IMS";
    ModemInterface = 31 . 5, "toolkit over the modem interface";
    EventImsData = 31 . 6, "event incoming IMS data";
    EventImsRegistration = 31 . 7, "event IMS registration";
    Containers = 31 . 8, "containers and ENCAPSULATED SESSION CONTROL";
    BearerIms = 32 . 1, "IMS bearer";
    LocalHomeAddress = 32 . 2, "PROVIDE LOCAL INFORMATION of the address of the H(e)NB";
    LocalMacrocells = 32 . 3, "PROVIDE LOCAL INFORMATION of macrocells around the H(e)NB";
    ServerLaunch = 32 . 4, "launch parameters for a server in OPEN CHANNEL";
    ServerDirect = 32 . 5, "direct channel for a server in OPEN CHANNEL";
    SecuredContainers = 32 . 6, "secured containers";
    EcatServices = 32 . 7, "service list for eCAT clients";
    RefreshPolicy = 32 . 8, "REFRESH enforcement policy";
    DnsServers = 33 . 1, "DNS server addresses in OPEN CHANNEL";
    AccessNameReuse = 33 . 2, "reuse of the access point name in CLOSE CHANNEL";
    EventPollInterval = 33 . 3, "event poll interval negotiation";
    ProSeReporting = 33 . 4, "ProSe usage reporting";
    LocalSupportedTechnologies = 33 . 5, "PROVIDE LOCAL INFORMATION of supported access technologies";
    EventWlanAccess = 33 . 6, "event WLAN access status";
    BearerWlan = 33 . 7, "WLAN bearer";
    LocalWlan = 33 . 8, "PROVIDE LOCAL INFORMATION of the WLAN";
    UriInShortMessage = 34 . 1, "URI in SEND SHORT MESSAGE";
    UriInCall = 34 . 2, "URI in SET UP CALL";
    MediaVoice = 34 . 3, "media type voice";
    MediaVideo = 34 . 4, "media type video";
    LocalEUtranAdvance = 34 . 5, "timing advance of E-UTRAN";
    ProfileStateChange = 34 . 6, "REFRESH for a state change of a profile";
    ExtendedRejection = 34 . 7, "extended cause in event network rejection";
    InputDuration = 35 . 1, "GET INPUT with a duration";
    EventPdp = 35 . 2, "event data connection status change of PDP";
    EventPdn = 35 . 3, "event data connection status change of PDN";
    ApplicationUpdate = 35 . 4, "REFRESH for an update of an application";
}
