//! Names of things that are kept: one type for each, so that they cannot be mixed up.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
            #[serde(transparent)]
            #[schema(value_type = String, format = "uuid")]
            pub struct $name(pub(super) Uuid);

            impl $name {
                /// An id that nothing has yet; later ones sort behind it.
                pub fn new() -> Self {
                    Self(Uuid::now_v7())
                }

                /// The id as plain bytes, for messages to the database and elsewhere.
                pub fn uuid(self) -> Uuid {
                    self.0
                }
            }

            impl Default for $name {
                fn default() -> Self {
                    Self::new()
                }
            }

            impl From<Uuid> for $name {
                fn from(id: Uuid) -> Self {
                    Self(id)
                }
            }

            impl fmt::Display for $name {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    self.0.fmt(f)
                }
            }

            impl FromStr for $name {
                type Err = uuid::Error;

                fn from_str(text: &str) -> Result<Self, Self::Err> {
                    text.parse().map(Self)
                }
            }
        )*
    };
}

ids! {
    /// Names an account.
    AccountId,
    /// Names a session; it lets nobody in.
    SessionId,
    /// Names an org.
    OrgId,
    /// Names an invite.
    InviteId,
    /// Names an API key.
    ApiKeyId,
    /// Names an entry of the audit log.
    AuditEntryId,
    /// Names a dataset.
    DatasetId,
    /// Names a reference.
    ReferenceId,
    /// Names a batch.
    BatchId,
}
