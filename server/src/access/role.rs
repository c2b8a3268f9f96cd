//! What a member of an org, or a key of one, may do there.

pub use drift::wire::{KeyScope, Role};

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

    /// Why a key with these scopes does not have it, and what would.
    pub fn missing_scope(self, scopes: &[KeyScope]) -> String {
        let Some(needed) = self.key_scope() else {
            return "no key can do this; log in as a person".to_owned();
        };
        let own: Vec<String> = scopes.iter().map(|scope| format!("`{}`", scope.as_str())).collect();
        let own = if own.is_empty() { "no scope".to_owned() } else { own.join(", ") };
        format!("this needs a key with the scope `{}`; this key has {own}", needed.as_str())
    }

    /// Why a person of this role does not have it, and what would.
    pub fn missing_role(self, role: Option<Role>) -> String {
        let (needed, own) = (self.least_role().as_str(), role.map_or("none", Role::as_str));
        format!("this needs the role `{needed}` or a higher one; your role is `{own}`")
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
            assert_eq!(asked.is_of_role(role), role >= least, "{role:?}");
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
    fn a_refusal_names_what_is_missing_and_what_is_there() {
        let detail = Permission::ManageData.missing_scope(&[KeyScope::Ingest, KeyScope::Read]);
        assert_eq!(detail, "this needs a key with the scope `manage`; this key has `ingest`, `read`");
        assert_eq!(Permission::ReadAudit.missing_scope(&KeyScope::ALL), "no key can do this; log in as a person");
        let detail = Permission::ManageKeys.missing_role(Some(Role::Viewer));
        assert_eq!(detail, "this needs the role `admin` or a higher one; your role is `viewer`");
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
