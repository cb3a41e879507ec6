//! What rows of a judgement refer to: endpoints, user agents, and combinations of values that
//! many rows have alike.

use engine::Address;
use rustc_hash::FxHashMap;
use shared::search::Matcher;

use super::tables::{Set, Table, Texts};
use crate::address::AddressBook;

/// An endpoint as the store names it.
#[derive(Debug, Clone, Default)]
pub(crate) struct NewEndpoint {
    /// Its number in the store.
    pub(crate) number: i64,
    pub(crate) host: String,
    pub(crate) template: String,
    /// The number of what it was folded into, which then says the texts.
    pub(crate) folded_into: Option<i64>,
}

/// Where an address is, as far as is known; empty texts where it is not.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Place {
    pub(super) country: String,
    pub(super) source: String,
}

impl Place {
    pub(super) fn of(book: &AddressBook, address: Address) -> Self {
        let country = book.country(address);
        Self {
            country: country.map_or(String::new(), |known| known.as_str().to_owned()),
            source: book.source(address).unwrap_or_default().to_owned(),
        }
    }
}

/// Which response statuses and methods a row has.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Traffic {
    pub(super) codes: Box<[u16]>,
    /// Numbers of methods.
    pub(super) methods: Box<[u32]>,
}

/// Who is signed in: numbers of the user's and the role's texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Person {
    pub(super) user: u32,
    pub(super) role: u32,
}

#[derive(Debug, Clone, Copy, Default)]
struct Endpoint {
    host: u32,
    template: u32,
    /// Where it counts: itself, or what it was folded into.
    root: u32,
}

/// Everything that rows refer to by number.
#[derive(Debug, Default)]
pub(super) struct Names {
    pub(super) hosts: Texts,
    pub(super) templates: Texts,
    pub(super) methods: Texts,
    pub(super) agents: Texts,
    pub(super) users: Texts,
    pub(super) roles: Texts,
    pub(super) traffic: Table<Traffic>,
    pub(super) people: Table<Person>,
    pub(super) places: Table<Place>,
    endpoints: Vec<Endpoint>,
    endpoint_numbers: FxHashMap<i64, u32>,
    agent_numbers: FxHashMap<i64, u32>,
}

impl Names {
    /// Adds endpoints, or says anew what they are.
    pub(super) fn put_endpoints(&mut self, endpoints: &[NewEndpoint]) {
        for endpoint in endpoints {
            let place = self.place(endpoint.number);
            let described = Endpoint {
                host: self.hosts.number(&endpoint.host),
                template: self.templates.number(&endpoint.template),
                root: match endpoint.folded_into {
                    Some(root) => self.place(root),
                    None => place,
                },
            };
            self.endpoints[place as usize] = described;
        }
    }

    pub(super) fn put_agents(&mut self, agents: &[(i64, String)]) {
        for (number, text) in agents {
            let place = self.agents.number(text);
            self.agent_numbers.insert(*number, place);
        }
    }

    /// The highest numbers in the store of the endpoints and of the user agents that are known.
    pub(super) fn newest(&self) -> (i64, i64) {
        let newest = |numbers: &FxHashMap<i64, u32>| numbers.keys().copied().max().unwrap_or(0);
        (newest(&self.endpoint_numbers), newest(&self.agent_numbers))
    }

    /// Where an endpoint of the store stands here.
    pub(super) fn endpoint(&self, number: i64) -> Option<u32> {
        self.endpoint_numbers.get(&number).copied()
    }

    /// The number of a user agent's text; 0 if it was never described.
    pub(super) fn agent(&self, number: i64) -> u32 {
        self.agent_numbers.get(&number).copied().unwrap_or(0)
    }

    pub(super) fn traffic<'a>(
        &mut self,
        codes: impl Iterator<Item = u16>,
        methods: impl Iterator<Item = &'a str>,
    ) -> u32 {
        let mut codes: Vec<u16> = codes.collect();
        codes.sort_unstable();
        codes.dedup();
        let mut methods: Vec<u32> = methods.map(|method| self.methods.number(method)).collect();
        methods.sort_unstable();
        methods.dedup();
        self.traffic.number(Traffic {
            codes: codes.into(),
            methods: methods.into(),
        })
    }

    pub(super) fn person(&mut self, user: &str, role: &str) -> u32 {
        let person = Person {
            user: self.users.number(user),
            role: self.roles.number(role),
        };
        self.people.number(person)
    }

    /// The number of an endpoint's host.
    pub(super) fn host_of(&self, endpoint: u32) -> u32 {
        let root = self.endpoints[endpoint as usize].root;
        self.endpoints[root as usize].host
    }

    /// The number of an endpoint's URL template.
    pub(super) fn template_of(&self, endpoint: u32) -> u32 {
        let root = self.endpoints[endpoint as usize].root;
        self.endpoints[root as usize].template
    }

    /// Endpoints whose host `matcher` takes.
    pub(super) fn endpoints_on(&self, matcher: &Matcher) -> Set {
        let hosts = self.hosts.select(matcher);
        self.select_endpoints(|endpoint| hosts.has(endpoint.host))
    }

    /// Endpoints whose URL template `matcher` takes, or folds the only path that it takes.
    pub(super) fn endpoints_at(&self, matcher: &Matcher) -> Set {
        let templates = (0..self.templates.len() as u32).map(|number| {
            let template = self.templates.folded(number);
            matcher.matches(template)
                || matcher
                    .as_text()
                    .is_some_and(|path| folds_to(path, template))
        });
        let templates: Set = templates.collect();
        self.select_endpoints(|endpoint| templates.has(endpoint.template))
    }

    fn select_endpoints(&self, take: impl Fn(&Endpoint) -> bool) -> Set {
        self.endpoints
            .iter()
            .map(|endpoint| take(&self.endpoints[endpoint.root as usize]))
            .collect()
    }

    fn place(&mut self, number: i64) -> u32 {
        let next = self.endpoints.len() as u32;
        let place = *self.endpoint_numbers.entry(number).or_insert(next);
        if place == next {
            self.endpoints.push(Endpoint {
                root: place,
                ..Endpoint::default()
            });
        }
        place
    }

    pub(super) fn weight(&self) -> usize {
        let texts = [
            &self.hosts,
            &self.templates,
            &self.methods,
            &self.agents,
            &self.users,
            &self.roles,
        ];
        let lists = |traffic: &Traffic| 2 * traffic.codes.len() + 4 * traffic.methods.len();
        let numbers = self.endpoint_numbers.capacity() + self.agent_numbers.capacity();
        texts.iter().map(|texts| texts.weight()).sum::<usize>()
            + self.traffic.weight(lists)
            + self.people.weight(|_| 0)
            + self
                .places
                .weight(|place| place.country.len() + place.source.len())
            + self.endpoints.capacity() * size_of::<Endpoint>()
            + numbers * (size_of::<(i64, u32)>() + 1)
    }
}

/// Whether a path folds to a template: part by part the same, or a placeholder for anything.
fn folds_to(path: &str, template: &str) -> bool {
    if !template.contains('{') {
        return false;
    }
    let mut parts = path.split('/');
    let mut expected = template.split('/');
    loop {
        match (parts.next(), expected.next()) {
            (None, None) => return true,
            (Some(part), Some(expected)) => {
                let stands_for = expected.starts_with('{') && expected.ends_with('}');
                if part != expected && (part.is_empty() || !stands_for) {
                    return false;
                }
            }
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_found_under_its_template() {
        let check = |path, template, expected| {
            assert_eq!(folds_to(path, template), expected, "{path} {template}");
        };
        check("/users/17", "/users/{number}", true);
        check("/users/17/orders", "/users/{number}", false);
        check("/users/", "/users/{number}", false);
        check("/items/17", "/users/{number}", false);
        check("/users", "/users", false);
    }
}
