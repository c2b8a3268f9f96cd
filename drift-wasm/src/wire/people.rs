use serde::{Deserialize, Serialize};

/// What somebody is in an org. Each may do what those before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
    /// All of them, least first.
    pub const ALL: [Self; 4] = [Self::Viewer, Self::Member, Self::Admin, Self::Owner];

    /// The word for it, in JSON and elsewhere.
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

/// What a key may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Ingest, Self::Read, Self::Manage];

    /// The word for it, in JSON and elsewhere.
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

macro_rules! bodies {
    ($($(#[$meta:meta])* struct $name:ident { $($(#[$field_meta:meta])* $field:ident: $type:ty),* $(,)? })*) => {
        $(
            $(#[$meta])*
            #[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
            #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
            #[serde(deny_unknown_fields)]
            pub struct $name { $($(#[$field_meta])* pub $field: $type),* }

            /// Without the values: some are passwords, and none is worth a line in a log.
            impl std::fmt::Debug for $name {
                fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    f.debug_struct(stringify!($name)).finish_non_exhaustive()
                }
            }
        )*
    };
}

bodies! {
    /// The first owner and its org.
    struct SetupRequest {
        #[cfg_attr(feature = "openapi", schema(value_type = super::text::EmailAddress))]
        email: String,
        #[cfg_attr(feature = "openapi", schema(value_type = super::text::Name))]
        name: String,
        #[cfg_attr(feature = "openapi", schema(value_type = super::text::Password))]
        password: String,
        #[cfg_attr(feature = "openapi", schema(value_type = super::text::Name))]
        org_name: String,
    }

    struct LoginRequest {
        email: String,
        password: String,
    }

    struct PasswordChange {
        current: String,
        #[cfg_attr(feature = "openapi", schema(value_type = super::text::Password))]
        new: String,
    }

    struct OrgCreate {
        #[cfg_attr(feature = "openapi", schema(value_type = super::text::Name))]
        name: String,
    }

    struct OrgPatch {
        #[cfg_attr(feature = "openapi", schema(value_type = super::text::Name))]
        name: String,
    }

    struct RoleChange {
        role: Role,
    }

    struct InviteCreate {
        #[cfg_attr(feature = "openapi", schema(value_type = super::text::EmailAddress))]
        email: String,
        role: Role,
    }

    /// The secret of an invite's link.
    struct InviteToken {
        token: String,
    }

    /// Name and password are left out by somebody who is logged in.
    struct InviteAccept {
        token: String,
        #[serde(default)]
        #[cfg_attr(feature = "openapi", schema(value_type = Option<super::text::Name>))]
        name: Option<String>,
        #[serde(default)]
        #[cfg_attr(feature = "openapi", schema(value_type = Option<super::text::Password>))]
        password: Option<String>,
    }

    struct KeyCreate {
        #[cfg_attr(feature = "openapi", schema(value_type = super::text::Name))]
        name: String,
        #[cfg_attr(feature = "openapi", schema(min_items = 1))]
        scopes: Vec<KeyScope>,
        /// Null for a key that does not expire.
        #[serde(default)]
        #[cfg_attr(feature = "openapi", schema(format = "date-time"))]
        expires_at: Option<String>,
    }
}

/// Who asks, and where it belongs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Me {
    /// Null for a key.
    pub account: Option<AccountBody>,
    /// The key's name; null for a person.
    pub key: Option<String>,
    pub scopes: Vec<KeyScope>,
    pub orgs: Vec<OrgBody>,
}

/// A person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccountBody {
    pub id: String,
    pub email: String,
    pub name: String,
}

/// A browser that is logged in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionBody {
    pub id: String,
    pub created_at: String,
    pub last_used_at: String,
    pub user_agent: String,
    /// The one that asks.
    pub is_current: bool,
}

/// A tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OrgBody {
    pub id: String,
    /// In addresses; never changes.
    pub slug: String,
    pub name: String,
    /// What the asking person is there; null for a key.
    pub role: Option<Role>,
    pub created_at: String,
    pub version: i64,
}

impl OrgBody {
    /// Whether the asking person is there this, or more.
    pub fn is_at_least(&self, least: Role) -> bool {
        self.role.is_some_and(|role| role >= least)
    }
}

/// Somebody in an org.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MemberBody {
    pub account: AccountBody,
    pub role: Role,
    pub created_at: String,
    /// Counts changes of the role.
    pub version: i64,
}

/// A link that lets one person in.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InviteBody {
    pub id: String,
    pub email: String,
    pub role: Role,
    pub expires_at: String,
    /// The link; only in the answer that makes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

/// Without the link, which lets in whoever has it.
impl std::fmt::Debug for InviteBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("InviteBody").field("id", &self.id).field("role", &self.role).finish_non_exhaustive()
    }
}

/// What the holder of a link is invited to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WelcomeBody {
    pub org_name: String,
    pub email: String,
    pub role: Role,
    /// Log in first, then accept.
    pub has_account: bool,
}

/// A line of the audit log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditBody {
    pub id: String,
    pub at: String,
    pub actor: String,
    pub actor_name: String,
    pub action: String,
    pub target: String,
    /// `done` or `refused`.
    pub outcome: String,
}

/// A program's way in.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KeyBody {
    pub id: String,
    /// The part of the key that names it.
    pub key_id: String,
    pub name: String,
    pub scopes: Vec<KeyScope>,
    pub created_at: String,
    pub expires_at: Option<String>,
    pub revoked_at: Option<String>,
    /// To the minute.
    pub last_used_at: Option<String>,
    /// The key itself; only in the answer that makes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
}

/// Without the key itself.
impl std::fmt::Debug for KeyBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { key_id, name, scopes, .. } = self;
        f.debug_struct("KeyBody")
            .field("key_id", key_id)
            .field("name", name)
            .field("scopes", scopes)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_do_not_show_themselves() {
        let secret = || "hunter2".to_owned();
        let login = LoginRequest { email: String::new(), password: secret() };
        let change = PasswordChange { current: secret(), new: secret() };
        let token = InviteToken { token: secret() };
        let text = format!("{login:?} {change:?} {token:?}");
        assert!(text.contains("LoginRequest") && !text.contains("hunter2"), "{text}");
        let key = r#"{"id":"","key_id":"k","name":"ci","scopes":[],"created_at":"","expires_at":null,"revoked_at":null,
            "last_used_at":null,"secret":"hunter2"}"#;
        let key: KeyBody = serde_json::from_str(key).expect("a key");
        let invite = r#"{"id":"i","email":"","role":"viewer","expires_at":"","link":"hunter2"}"#;
        let invite: InviteBody = serde_json::from_str(invite).expect("an invite");
        assert!(!format!("{key:?} {invite:?}").contains("hunter2"));
    }
}
