//! Builds a step's request.

use super::Runner;
use super::scope::Scope;
use crate::format::case::{Connection, HeaderNames, Step};
use crate::format::template::{self, Member, Names, Wire};
use crate::subject::http::Draft;
use crate::wire::referee;
use ec2wire::{EC2_VERSION, form};

impl Runner<'_> {
    pub(super) fn draft(&self, step: &Step, scope: &Scope) -> Result<Draft, String> {
        let lookup = |name: &str| scope.lookup(name);
        let headers = step
            .headers
            .iter()
            .map(|(name, value)| match value.resolve(&lookup) {
                Ok(Member::Text(text)) => Ok((name.clone(), text)),
                Ok(_) => Err(format!("the header `{name}` is not a text")),
                Err(error) => Err(error.to_string()),
            })
            .collect::<Result<Vec<_>, String>>()?;
        let body = match &step.body {
            Some(body) => body.resolve(&lookup).map_err(|error| error.to_string())?,
            None => self.encode(step, scope)?,
        };
        let names = step.transport.header_names;
        let lane = match step.transport.connection {
            Connection::Own => {
                let mut own = scope.lane.borrow_mut();
                Some(own.get_or_insert_with(|| self.subject.lane(names)).clone())
            }
            Connection::New => Some(self.subject.lane(names)),
            // Shared connections send all names in lowercase.
            Connection::Shared if names != HeaderNames::Lower => Some(self.subject.lane(names)),
            Connection::Shared => None,
        };
        Ok(Draft {
            method: step.method.clone(),
            headers,
            body,
            transport: step.transport,
            lane,
        })
    }

    fn encode(&self, step: &Step, scope: &Scope) -> Result<Vec<u8>, String> {
        let lookup = |name: &str| scope.lookup(name);
        let names = Names::of_action(step.action.as_deref());
        let members: Option<Member> = match &step.members {
            Some(members) => Some(
                members
                    .resolve(&lookup)
                    .map_err(|error| error.to_string())?,
            ),
            None => None,
        };
        let mut head: Vec<(String, String)> = Vec::new();
        let mut body = Vec::new();
        if let Some(action) = &step.action {
            let version = step.version.as_deref().unwrap_or(EC2_VERSION);
            head.push(("Action".into(), action.clone()));
            head.push(("Version".into(), version.into()));
        }
        let mut append = |member: &Member, names: Names| {
            form::append(&mut body, &Wire { member, names }).map_err(|error| error.to_string())
        };
        for (key, value) in &head {
            append(&pair(key, value.clone()), Names::PLAIN)?;
        }
        if let Some(members) = &members {
            append(members, names)?;
        }
        let checked = String::from_utf8_lossy(&body).into_owned();
        if let Err(fault) = referee::check_request(&checked, &head, members.as_ref(), names) {
            self.note_harness_fault();
            return Err(format!("a fault of the harness: {fault}"));
        }
        for (key, value) in &step.pairs {
            let fill = |text| template::fill(text, &lookup).map_err(|error| error.to_string());
            form::append(
                &mut body,
                &Wire {
                    member: &pair(&fill(key)?, fill(value)?),
                    names: Names::PLAIN,
                },
            )
            .map_err(|error| error.to_string())?;
        }
        Ok(body)
    }
}

fn pair(key: &str, value: String) -> Member {
    Member::Structure(vec![(key.to_owned(), Member::Text(value))])
}
