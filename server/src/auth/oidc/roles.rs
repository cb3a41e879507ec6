//! Which role a claim gives. Not which claims are proven.

use std::fmt;
use std::str::FromStr;

use serde_json::{Map, Value};
use shared::{Role, UnknownName};

/// The most values of a claim that are looked at.
const MAX_VALUES: usize = 1_000;

/// What one value of the claim means: `VALUE=ROLE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleRule {
    /// The value, exactly.
    pub value: String,
    /// The role of whoever has it.
    pub role: Role,
}

/// What is wrong with a rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRoleRule {
    /// It has no two sides.
    #[error("`{0}` is not VALUE=ROLE")]
    Form(String),
    /// There is no such role.
    #[error(transparent)]
    Role(#[from] UnknownName),
}

impl FromStr for RoleRule {
    type Err = InvalidRoleRule;

    fn from_str(text: &str) -> Result<Self, InvalidRoleRule> {
        // From the right: a value may be a name in LDAP, `cn=admins`.
        match text.rsplit_once('=') {
            Some((value, role)) if !value.is_empty() => Ok(Self {
                value: value.to_owned(),
                role: role.parse()?,
            }),
            _ => Err(InvalidRoleRule::Form(text.to_owned())),
        }
    }
}

impl fmt::Display for RoleRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.value, self.role)
    }
}

/// The role that the first rule to hold gives.
pub(super) fn role(claim: Option<&Value>, rules: &[RoleRule]) -> Option<Role> {
    let values = values(claim?);
    let rule = rules.iter().find(|rule| {
        let is_it = |value: &&str| *value == rule.value;
        values.iter().any(is_it)
    });
    rule.map(|rule| rule.role)
}

fn values(claim: &Value) -> Vec<&str> {
    match claim {
        Value::String(value) => vec![value],
        Value::Array(all) => {
            let texts = all.iter().take(MAX_VALUES);
            texts.filter_map(Value::as_str).collect()
        }
        _ => Vec::new(),
    }
}

/// The claim at `path`: the one of that very name (some are addresses, with dots in them), else
/// what lies below a name that `path` begins with.
pub(super) fn find<'a>(claims: &'a Map<String, Value>, path: &str) -> Option<&'a Value> {
    if let Some(found) = claims.get(path) {
        return Some(found);
    }
    path.match_indices('.').find_map(|(at, _)| {
        let below = claims.get(&path[..at])?.as_object()?;
        find(below, &path[at + 1..])
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn claims() -> Map<String, Value> {
        let claims = json!({
            "groups": ["staff", "security", 7],
            "role": "reader",
            "realm_access": { "roles": ["botscope-admin"] },
            "resource_access": { "bot.scope": { "roles": ["in dots"] } },
            "https://shop.example/roles": ["by address"],
            "count": 3,
        });
        claims.as_object().unwrap().clone()
    }

    #[test]
    fn a_claim_is_found_by_its_name_or_along_a_path() {
        let check = |path: &str, expected: Option<Value>| {
            assert_eq!(find(&claims(), path), expected.as_ref(), "{path}");
        };
        check("role", Some(json!("reader")));
        check("realm_access.roles", Some(json!(["botscope-admin"])));
        check("resource_access.bot.scope.roles", Some(json!(["in dots"])));
        check("https://shop.example/roles", Some(json!(["by address"])));
        check("realm_access.none", None);
        check("groups.0", None);
        check("", None);
        check("...", None);
    }

    #[test]
    fn the_first_rule_that_holds_gives_the_role() {
        let check = |path: &str, rules: &[&str], expected: Option<Role>| {
            let rules: Vec<RoleRule> = rules.iter().map(|rule| rule.parse().unwrap()).collect();
            let claims = claims();
            assert_eq!(role(find(&claims, path), &rules), expected, "{path}");
        };
        let both = ["security=analyst", "staff=read_only"];
        check("groups", &both, Some(Role::Analyst));
        let other_way = ["staff=read_only", "security=analyst"];
        check("groups", &other_way, Some(Role::ReadOnly));
        check("role", &["reader=read_only"], Some(Role::ReadOnly));
        check("role", &["read=read_only", "Reader=analyst"], None);
        check("count", &["3=administrator"], None);
        check("realm_access", &["roles=administrator"], None);
        check("nowhere", &both, None);
    }

    #[test]
    fn a_rule_is_read_from_the_right() {
        let rule: RoleRule = "cn=admins,dc=shop=administrator".parse().unwrap();
        assert_eq!(rule.value, "cn=admins,dc=shop");
        assert_eq!(rule.role, Role::Administrator);
        assert_eq!(rule.to_string(), "cn=admins,dc=shop=administrator");
        let error = |text: &str| text.parse::<RoleRule>().unwrap_err().to_string();
        assert_eq!(error("admins"), "`admins` is not VALUE=ROLE");
        assert_eq!(error("=analyst"), "`=analyst` is not VALUE=ROLE");
        assert!(error("staff=analist").contains("did you mean `analyst`"));
    }
}
