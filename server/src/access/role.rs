//! What a member of an org, or a key of one, may do there.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What somebody is in an org. Each may do what those before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Sees everything, changes nothing.
    Viewer,
    /// Brings in data and works with it.
    Member,
    /// Lets people and programs in.
    Admin,
    /// Makes other owners.
    Owner,
}

impl Role {
    pub const ALL: [Self; 4] = [Self::Viewer, Self::Member, Self::Admin, Self::Owner];

    /// The word for it, in JSON and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Member => "member",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }

    /// The role of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == word)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a key may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeyScope {
    /// Sends batches.
    Ingest,
    /// Reads everything of the org but its people.
    Read,
    /// Makes and changes datasets, references and keys.
    Manage,
}

impl KeyScope {
    pub const ALL: [Self; 3] = [Self::Ingest, Self::Read, Self::Manage];

    /// The word for it, in JSON and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ingest => "ingest",
            Self::Read => "read",
            Self::Manage => "manage",
        }
    }

    /// The scope of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == word)
    }
}

/// What is asked for, by kind. A route names one; it says which roles and scopes are enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    /// Look at datasets, batches and references.
    ReadData,
    /// Send batches.
    Ingest,
    /// Make and change datasets and references.
    ManageData,
    /// See who belongs to the org.
    ReadPeople,
    /// Invite and remove people, change their roles, rename the org.
    ManagePeople,
    /// Make, rotate and revoke keys.
    ManageKeys,
    /// Read the audit log.
    ReadAudit,
}

impl Permission {
    /// The least role that has it.
    fn least_role(self) -> Role {
        match self {
            Self::ReadData | Self::ReadPeople => Role::Viewer,
            Self::Ingest | Self::ManageData => Role::Member,
            Self::ManagePeople | Self::ManageKeys | Self::ReadAudit => Role::Admin,
        }
    }

    /// The scope of a key that has it; people are none of a program's business.
    fn key_scope(self) -> Option<KeyScope> {
        match self {
            Self::ReadData => Some(KeyScope::Read),
            Self::Ingest => Some(KeyScope::Ingest),
            Self::ManageData | Self::ManageKeys => Some(KeyScope::Manage),
            Self::ReadPeople | Self::ManagePeople | Self::ReadAudit => None,
        }
    }

    /// Whether a person of this role has it.
    pub fn is_of_role(self, role: Role) -> bool {
        role >= self.least_role()
    }

    /// Whether a key with these scopes has it.
    pub fn is_of_key(self, scopes: &[KeyScope]) -> bool {
        self.key_scope().is_some_and(|scope| scopes.contains(&scope))
    }
}

/// Whether somebody of one role may give, change or take away another: only owners touch owners.
pub fn may_touch(actor: Role, other: Role) -> bool {
    Permission::ManagePeople.is_of_role(actor) && (other != Role::Owner || actor == Role::Owner)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(Permission::ReadData, Role::Viewer)]
    #[case(Permission::Ingest, Role::Member)]
    #[case(Permission::ManageData, Role::Member)]
    #[case(Permission::ManageKeys, Role::Admin)]
    #[case(Permission::ReadAudit, Role::Admin)]
    fn a_permission_begins_at_one_role_and_holds_for_all_above(#[case] asked: Permission, #[case] least: Role) {
        for role in Role::ALL {
            assert_eq!(asked.is_of_role(role), role >= least, "{role}");
        }
    }

    #[test]
    fn a_key_that_ingests_can_neither_read_nor_manage() {
        let scopes = [KeyScope::Ingest];
        assert!(Permission::Ingest.is_of_key(&scopes));
        assert!(!Permission::ReadData.is_of_key(&scopes));
        assert!(!Permission::ManageKeys.is_of_key(&scopes));
    }

    #[test]
    fn no_key_reaches_people() {
        for asked in [Permission::ReadPeople, Permission::ManagePeople, Permission::ReadAudit] {
            assert!(!asked.is_of_key(&KeyScope::ALL));
        }
    }

    #[test]
    fn only_owners_touch_owners() {
        assert!(may_touch(Role::Owner, Role::Owner));
        assert!(!may_touch(Role::Admin, Role::Owner));
        assert!(may_touch(Role::Admin, Role::Admin));
        assert!(!may_touch(Role::Member, Role::Viewer));
    }
}
