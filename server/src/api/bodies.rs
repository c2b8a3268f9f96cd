//! What is kept, as bodies of the API.

use drift::wire::{AccountBody, AuditBody, InviteBody, KeyBody, MemberBody, OrgBody, Role, SessionBody};

use crate::store::{
    accounts::{Account, Member},
    audit::{AuditEntry, Outcome},
    id::SessionId,
    invites::Invite,
    keys::KeyRecord,
    orgs::Org,
    sessions::Session,
};

pub fn account(Account { id, email, name }: Account) -> AccountBody {
    AccountBody { id: id.to_string(), email, name }
}

pub fn org(Org { id, slug, name, created_at, version }: Org, role: Option<Role>) -> OrgBody {
    OrgBody { id: id.to_string(), slug, name, role, created_at: created_at.to_string(), version }
}

pub fn session(Session { id, created_at, last_used_at, user_agent, .. }: Session, current: SessionId) -> SessionBody {
    SessionBody {
        id: id.to_string(),
        created_at: created_at.to_string(),
        last_used_at: last_used_at.to_string(),
        user_agent,
        is_current: id == current,
    }
}

pub fn member(Member { account: person, role, since, version }: Member) -> MemberBody {
    MemberBody { account: account(person), role, created_at: since.to_string(), version }
}

pub fn invite(Invite { id, email, role, expires_at }: Invite, link: Option<String>) -> InviteBody {
    InviteBody { id: id.to_string(), email, role, expires_at: expires_at.to_string(), link }
}

pub fn audit(AuditEntry { id, deed }: AuditEntry) -> AuditBody {
    let outcome = match deed.outcome {
        Outcome::Done => "done",
        Outcome::Refused => "refused",
    };
    AuditBody {
        id: id.to_string(),
        at: deed.at.to_string(),
        actor: deed.actor,
        actor_name: deed.actor_name,
        action: deed.action,
        target: deed.target,
        outcome: outcome.to_owned(),
    }
}

pub fn key(record: KeyRecord, secret: Option<String>) -> KeyBody {
    let KeyRecord { id, key_id, name, scopes, created_at, expires_at, revoked_at, last_used_at, .. } = record;
    let text = |at: Option<jiff::Timestamp>| at.map(|at| at.to_string());
    KeyBody {
        id: id.to_string(),
        key_id,
        name,
        scopes,
        created_at: created_at.to_string(),
        expires_at: text(expires_at),
        revoked_at: text(revoked_at),
        last_used_at: text(last_used_at),
        secret,
    }
}
