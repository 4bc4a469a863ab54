//! Secrets: made-up ones are planted in every place of an exchange, and no output has them.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ec2wire_conformance::RunRecord;
use ec2wire_conformance::inspect::{Exchange, Inspector, Request, Response, Signing};
use ec2wire_conformance::record::{Kind, RunHead};
use ec2wire_conformance::report::terminal::{self, Layout};
use ec2wire_conformance::report::{self, Format, Settings};
use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use std::io::Write as _;
use std::sync::LazyLock;

/// Where a text is planted.
#[derive(Debug, Clone, Copy, PartialEq)]
enum At {
    Target,
    /// A header, as `name: value`.
    Header,
    Body,
    AnswerHeader,
    Answer,
    /// An answer in gzip, with and without the header that says so.
    Packed,
    Unsaid,
}

use At::{Answer, AnswerHeader, Body, Header, Packed, Target, Unsaid};

/// Every place: `SECRET` is the secret in the encoding of the place, `RAW` the secret as it is,
/// `PERCENT` as in a URL, `DOUBLE` as in a URL in a form, and `BASE` as a password of `Basic`.
const PLACES: &[(At, &str)] = &[
    // Parameters, by their names.
    (
        Body,
        "Action=ModifyInstanceAttribute&Version=2016-11-15&InstanceId=i-1&Attribute=userData&Value=SECRET",
    ),
    (
        Body,
        "Action=ModifyInstanceAttribute&Version=2016-11-15&UserData.Value=SECRET",
    ),
    (
        Body,
        "Action=RunInstances&Version=2016-11-15&UserData=SECRET",
    ),
    (
        Body,
        "Action=CreateTags&Version=2016-11-15&Tag.1.Key=Password&Tag.1.Value=SECRET",
    ),
    (
        Body,
        "Action=DescribeVpcs&Version=2016-11-15&Filter.1.Name=db-password&Filter.1.Value.1=SECRET",
    ),
    (
        Body,
        "Action=DescribeVpcs&Version=2016-11-15&SecretAccessKey=SECRET",
    ),
    (
        Body,
        "Action=DescribeVpcs&Version=2016-11-15&SessionToken=SECRET",
    ),
    (
        Body,
        "Action=DescribeVpcs&Version=2016-11-15&Password=SECRET&x=1",
    ),
    (
        Body,
        "Action=DescribeVpcs&Version=2016-11-15&PrivateKey=SECRET",
    ),
    (
        Body,
        "Action=DescribeVpcs&Version=2016-11-15&client_secret=SECRET",
    ),
    // Names that have more than the secret's.
    (
        Body,
        "Action=DescribeVpcs&Version=2016-11-15&Password1=SECRET",
    ),
    (
        Body,
        "Action=DescribeVpcs&Version=2016-11-15&PasswordConfirmation=SECRET",
    ),
    (
        Body,
        "Action=DescribeVpcs&Version=2016-11-15&Password2=SECRET",
    ),
    (
        Body,
        "Action=DescribeVpcs&Version=2016-11-15&passwordHash=SECRET",
    ),
    (
        Body,
        "Action=DescribeVpcs&Version=2016-11-15&Secret2=SECRET",
    ),
    (
        Body,
        "Action=DescribeVpcs&Version=2016-11-15&SecretValue=SECRET",
    ),
    (
        Body,
        "Action=DescribeVpcs&Version=2016-11-15&ClientSecretValue=SECRET",
    ),
    (
        Body,
        "Action=DescribeVpcs&Version=2016-11-15&SharedSecretValue=SECRET",
    ),
    (
        Body,
        "Action=DescribeVpcs&Version=2016-11-15&MfaTokenCode=SECRET",
    ),
    (Answer, "<R><SecretKeys>SECRET</SecretKeys></R>"),
    (Answer, "<R><DbPass>SECRET</DbPass></R>"),
    (Answer, "<R><UserPwd>SECRET</UserPwd></R>"),
    (Answer, "<R><WifiPsk>SECRET</WifiPsk></R>"),
    (Answer, "<R><PassCode>SECRET</PassCode></R>"),
    (Answer, "<R><Credentials>SECRET</Credentials></R>"),
    (Answer, "<R><auth>SECRET</auth></R>"),
    (Answer, "<R><EncryptionKey>SECRET</EncryptionKey></R>"),
    (
        Body,
        "Action=CreateTags&Version=2016-11-15&Tag.1.Value=SECRET&Tag.1.Key=MyAppPassword2",
    ),
    (
        Body,
        "Action=CreateTags&Version=2016-11-15&Tag.1.Key=url&Tag.1.Value=https%3A%2F%2Fuser%3ADOUBLE%40h",
    ),
    // Keys that are broken.
    (
        Body,
        "Action=RunInstances&Version=2016-11-15&UserData+=SECRET",
    ),
    (
        Body,
        "Action=RunInstances&Version=2016-11-15&User+Data=SECRET",
    ),
    (
        Body,
        "Action=RunInstances&Version=2016-11-15&UserData =SECRET",
    ),
    (
        Body,
        "Action=RunInstances&Version=2016-11-15&UserData%00=SECRET",
    ),
    (
        Body,
        "Action=RunInstances&Version=2016-11-15&User%00Data=SECRET",
    ),
    (
        Body,
        "Action=RunInstances&Version=2016-11-15&UserData\0=SECRET",
    ),
    (
        Body,
        "Action=RunInstances&Version=2016-11-15&UserData%0A=SECRET",
    ),
    (
        Body,
        "Action=RunInstances&Version=2016-11-15\r\n&UserData\r\n=SECRET\r\n",
    ),
    (
        Body,
        "Action=RunInstances&Version=2016-11-15&User%2544ata=SECRET",
    ),
    (
        Body,
        "Action=RunInstances&Version=2016-11-15&UserData%3DSECRET",
    ),
    (
        Body,
        "Action=RunInstances&Version=2016-11-15;UserData=SECRET",
    ),
    (
        Body,
        "Action=RunInstances&Version=2016-11-15&UserData;a=SECRET",
    ),
    (
        Body,
        "Action=RunInstances&Version=2016-11-15&UserData[]=SECRET",
    ),
    (
        Body,
        "Action=RunInstances&Version=2016-11-15&UserData[Value]=SECRET",
    ),
    (
        Body,
        "Action=RunInstances&Version=2016-11-15&UserData#1=SECRET",
    ),
    (
        Body,
        "Action=RunInstances&Version=2016-11-15&Policy=%7B%22password%22%3A%22SECRET%22%7D",
    ),
    (
        Body,
        "{\"Action\":\"RunInstances\",\"pass\\u0077ord\":\"RAW\"}",
    ),
    // Other services.
    (
        Body,
        "Action=AssumeRoleWithWebIdentity&WebIdentityToken=SECRET",
    ),
    (
        Body,
        "Action=ChangePassword&OldPassword=SECRET&NewPassword=SECRET",
    ),
    (Body, "Action=CreateDBInstance&MasterUserPassword=SECRET"),
    (Body, "Action=SendMessage&MessageBody=SECRET"),
    (Target, "/?Action=DescribeVpcs&X-Amz-Signature=SECRET"),
    (Target, "/;token=SECRET?Action=DescribeVpcs"),
    (Target, "http://user:SECRET@ec2/?Action=DescribeVpcs"),
    // Headers.
    (Header, "X-Auth-Token: RAW"),
    (Header, "X-Vault-Token: RAW"),
    (Header, "Private-Token: RAW"),
    (Header, "X-Amz-Session-Token: RAW"),
    (Header, "X-Amz-Signature: RAW"),
    (Header, "Authorization: Bearer RAW"),
    (Header, "Cookie: session=RAW; a=b"),
    (
        Header,
        "Referer: https://b.s3.amazonaws.com/k?X-Amz-Signature=SECRET&X-Amz-Date=1",
    ),
    (
        Header,
        "Referer: https://h/?next=https%3A%2F%2Fb%2F%3FX-Amz-Signature%3DSECRET",
    ),
    (Header, "X-Debug: password=SECRET"),
    (Header, "X-Debug: password=SECRET; a=b"),
    (Header, "X-Pass: RAW"),
    (Header, "Api-Key2: RAW"),
    (Header, "X-JWTAssertion: RAW"),
    (Header, "X-Forwarded: Bearer RAW"),
    (Header, "X-Forwarded: basic BASE"),
    (AnswerHeader, "X-Upstream: for=a Bearer  RAW"),
    (Header, "Referer: https://h/a?b=c, https://user:SECRET@h/d"),
    (AnswerHeader, "Link: <https://h>, <https://user:SECRET@h>"),
    (
        AnswerHeader,
        "Location: https://b/k?X-Amz-Security-Token=SECRET",
    ),
    (AnswerHeader, "Location: https://b/cb#access_token=SECRET"),
    (AnswerHeader, "Set-Cookie: sid=RAW; Path=/"),
    // Answers.
    (Answer, "<R><keyMaterial>SECRET</keyMaterial></R>"),
    (Answer, "<R><keyMaterial><!--RAW--></keyMaterial></R>"),
    (
        Answer,
        "<R><Credentials><SecretAccessKey>SECRET</SecretAccessKey></Credentials></R>",
    ),
    (
        Answer,
        "<R><SessionToken><![CDATA[RAW]]></SessionToken></R>",
    ),
    (Answer, "<R password='SECRET'/>"),
    (Answer, "<R><field name=\"password\" value=\"SECRET\"/></R>"),
    (Answer, "<R><field name=\"password\">SECRET</field></R>"),
    (Answer, "<R><keyMaterial value=\"SECRET\"/></R>"),
    (
        Answer,
        "<R><item><key>password</key><value>SECRET</value></item></R>",
    ),
    (
        Answer,
        "<R><item><value>SECRET</value><key>password</key></item></R>",
    ),
    (
        Answer,
        "<R><item><key><s>password</s></key><value>SECRET</value></item></R>",
    ),
    (
        Answer,
        "<R><item><key>db</key><x/><key>Password</key><type>t</type><value><s>SECRET</s></value></item></R>",
    ),
    (
        Answer,
        "<R><a>see https://h and https://user:PERCENT@h/</a></R>",
    ),
    (Answer, "<R><a href='https://user:PERCENT@h/'/></R>"),
    (Answer, "<R><!-- https://user:PERCENT@h --></R>"),
    (Answer, "see https://h and https://user:PERCENT@h/"),
    (Answer, "{\"url\":\"https://user:PERCENT@h/\"}"),
    (
        Answer,
        "<R><a>-----BEGIN RSA PRIVATE KEY-----\nSECRET\n-----END RSA PRIVATE KEY-----</a></R>",
    ),
    (
        Answer,
        "-----BEGIN PRIVATE KEY-----\nRAW\n-----END PRIVATE KEY-----",
    ),
    (
        Answer,
        "{\"a\":\"-----BEGIN EC PRIVATE KEY-----\\nRAW\\n-----END EC PRIVATE KEY-----\"}",
    ),
    (
        Body,
        "Action=DescribeVpcs&Version=2016-11-15&X=-----BEGIN+PRIVATE+KEY-----%0ASECRET%0A-----END+PRIVATE+KEY-----",
    ),
    (Answer, "<R><a>password=SECRET<b/></a></R>"),
    (Answer, "<R><!-- password RAW --><a/></R>"),
    (Answer, "<?password RAW?><R/>"),
    (
        Answer,
        "<R><message>the password=SECRET is wrong</message></R>",
    ),
    (
        Answer,
        "<html><body><p>The password is SECRET</p></body></html>",
    ),
    (
        Answer,
        "<!DOCTYPE html><input name=\"password\" value=\"SECRET\"><br>",
    ),
    (Answer, "<R><a password=\"SECRET\"><b></R>"),
    (Answer, "{\"SecretAccessKey\": \"SECRET\"}"),
    (Answer, "callback({\"SecretAccessKey\":\"SECRET\"});"),
    (Answer, "the password is SECRET"),
    (Answer, "x=1 the password is SECRET"),
    (Packed, "<R><keyMaterial>SECRET</keyMaterial></R>"),
    (Unsaid, "<R><keyMaterial>SECRET</keyMaterial></R>"),
];

/// Where it occurs once more: the answer repeats it in these ways.
const ECHOES: &[&str] = &[
    "",
    "<Response><Errors><Error><Code>InvalidRAWBASE.Malformed</Code><Message>Value (SECRET) for parameter x is invalid</Message></Error></Errors><RequestID>1</RequestID></Response>",
    "<Response><Errors><Error><Code>E</Code><Message>Value (PERCENT) and SECRET</Message></Error></Errors></Response>",
    "<R><a>SECRET</b></R>",
    "nothing can be done with RAW",
    "<R><a>nothing can be done with UPPER</a></R>",
];

fn escaped(secret: &str) -> String {
    secret
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

fn percent(secret: &str) -> String {
    let byte = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    };
    secret.bytes().map(byte).collect()
}

fn gzip(text: &str) -> Vec<u8> {
    let mut writer = GzEncoder::new(Vec::new(), Compression::default());
    writer.write_all(text.as_bytes()).unwrap();
    writer.finish().unwrap()
}

fn exchange(at: At, text: &str, echo: &str, secret: &str) -> Exchange {
    let encoded = match at {
        Target | Header | Body | AnswerHeader => percent(secret),
        Answer | Packed | Unsaid => escaped(secret),
    };
    let text = text
        .replace("BASE", &STANDARD.encode(format!("user:{secret}")))
        .replace("PERCENT", &percent(secret))
        .replace("DOUBLE", &percent(&percent(secret)))
        .replace("SECRET", &encoded)
        .replace("RAW", secret);
    let echo = echo
        .replace("UPPER", &escaped(&secret.to_ascii_uppercase()))
        .replace("RAWBASE", &STANDARD.encode(secret))
        .replace("PERCENT", &percent(secret))
        .replace("SECRET", &escaped(secret))
        .replace("RAW", secret);
    let header = |text: &str| {
        let (name, value) = text.split_once(": ").unwrap();
        (name.to_owned(), value.to_owned())
    };
    let mut request = Request::post("Action=DescribeVpcs&Version=2016-11-15");
    let status = if echo.is_empty() { 200 } else { 400 };
    let mut response = Response {
        status,
        headers: vec![header("Content-Type: text/xml")],
        body: echo.into_bytes(),
    };
    match at {
        Target => {
            request.method = "GET".into();
            request.body.clear();
            request.target = text;
        }
        Header => request.headers.push(header(&text)),
        Body => request = Request::post(text),
        AnswerHeader => response.headers.push(header(&text)),
        Answer => response.body = text.into_bytes(),
        Packed => {
            response.headers.push(header("Content-Encoding: gzip"));
            response.body = gzip(&text);
        }
        Unsaid => response.body = gzip(&text),
    }
    let mut exchange = Exchange::new(Some(request), Some(response));
    exchange.name = "a#1".into();
    exchange
}

/// A record of the exchanges, as they are judged alone and in the traffic of a proxy.
fn record(exchanges: &[Exchange]) -> RunRecord {
    static INSPECTOR: LazyLock<Inspector> = LazyLock::new(|| Inspector::embedded().unwrap());
    let mut cases = Vec::new();
    for exchange in exchanges {
        cases.push(INSPECTOR.judge_traffic(exchange, &Signing::Optional));
        // What another service's parameters mean is not known, so only their names are kept.
        let request = exchange.request.as_ref().unwrap();
        if request.action().as_deref() != Some("SendMessage") {
            cases.push(INSPECTOR.judge(exchange, &Signing::Optional));
        }
    }
    RunRecord::from_cases(RunHead::new(Kind::Proxy, "x"), cases)
}

/// Every output of the record.
fn outputs(record: &RunRecord) -> Vec<(&'static str, String)> {
    let settings = Settings::default();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let mut outputs = Vec::new();
    for format in Format::ALL {
        let mut to = Vec::new();
        report::write(format, &mut to, record, &settings).unwrap();
        outputs.push((format.as_str(), text(to)));
    }
    let mut to = Vec::new();
    let layout = Layout {
        width: 4000,
        detail: terminal::Detail::All,
    };
    terminal::write(&mut to, record, &settings, layout).unwrap();
    outputs.push(("terminal", text(to)));
    outputs
}

/// Plants a secret in these places, with an answer that repeats it, and looks for it.
fn check(planted: &[((At, &str), &str)], secret: &str) {
    let exchanges = planted
        .iter()
        .map(|((at, place), echo)| exchange(*at, place, echo, secret));
    let record = record(&exchanges.collect::<Vec<_>>());
    let hex: Vec<String> = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    let hex = hex.concat();
    let forms = [
        secret.to_owned(),
        percent(secret),
        escaped(secret),
        escaped(&secret.to_ascii_uppercase()),
        STANDARD.encode(secret),
        STANDARD.encode(format!("user:{secret}")),
        hex,
    ];
    for (output, text) in outputs(&record) {
        for form in &forms {
            let at = text.find(form.as_str());
            let around = at.and_then(|at| text.get(at.saturating_sub(300)..at + 100));
            assert_eq!(
                (at, around),
                (None, None),
                "{output}: {form} in {planted:?}"
            );
        }
    }
}

#[test]
fn no_place_leaks_into_any_output() {
    // Each record is rendered in every format, so a few places share one.
    for places in PLACES.chunks(12) {
        let pairs = places
            .iter()
            .flat_map(|place| ECHOES.iter().map(|echo| (*place, *echo)));
        check(&pairs.collect::<Vec<_>>(), "hunter2+/Zq9=x");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn no_made_up_secret_leaks(
        secret in "[A-Za-z0-9][A-Za-z0-9+/=._!@*~-]{8,40}[A-Za-z0-9]",
        places in proptest::collection::vec((0..PLACES.len(), 0..ECHOES.len()), 8),
    ) {
        let planted = places.into_iter().map(|(place, echo)| {
            (PLACES.get(place).copied().unwrap(), ECHOES.get(echo).copied().unwrap())
        });
        check(&planted.collect::<Vec<_>>(), &secret);
    }
}

/// What is no secret stays: names like those, tokens of idempotency and pages, errors that name a
/// parameter.
#[test]
fn what_is_no_secret_is_kept() {
    for body in [
        "Action=DescribeVpcs&Version=2016-11-15&NextToken=abcdefgh&MaxResults=5",
        "Action=CreateVpc&Version=2016-11-15&ClientToken=abcdefgh&CidrBlock=10.0.0.0/16",
        "Action=CreateTags&Version=2016-11-15&Tag.1.Key=k&Tag.1.Value=abcdefgh",
        "Action=RunInstances&Version=2016-11-15&MetadataOptions.HttpTokens=required",
        "Action=GetPasswordData&Version=2016-11-15&InstanceId=i-0123456789abcdef0",
        "Action=CreateTags&Version=2016-11-15&Tag.1.Key=PreSharedKeyArn&Tag.1.Value=arn%3Aaws%3Asecretsmanager%3Aus-east-1%3A123456789012%3Asecret%3Avpn",
    ] {
        let mut one = Exchange::new(Some(Request::post(body)), None);
        let answer = "<Response><Errors><Error><Code>InvalidUserData.Malformed</Code><Message>The \
                      parameter UserData is not valid</Message></Error></Errors></Response>";
        one.response = Some(Response {
            status: 400,
            headers: vec![("content-type".into(), "text/xml".into())],
            body: answer.into(),
        });
        let record = Inspector::embedded()
            .unwrap()
            .judge(&one, &Signing::Optional);
        let kept = record.exchange.unwrap();
        assert_eq!(
            (kept.request.body.as_str(), kept.request.redacted),
            (body, false)
        );
        let kept = kept.response.unwrap();
        assert_eq!((kept.body.as_str(), kept.redacted), (answer, false));
    }
}
