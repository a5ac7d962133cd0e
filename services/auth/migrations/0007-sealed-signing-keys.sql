-- migrate
-- The private part of a signing key, encrypted with AUTH_KEY_SEAL. The job `seal-signing-keys` encrypts the
-- keys that older versions have stored in plain text. A revoked key has no private part any more.
alter table signing_keys
  alter column private_jwk drop not null,
  add column sealed_key bytea,
  add column revoked_at timestamptz;
alter table signing_keys add constraint signing_keys_private_part
  check ((revoked_at is null) = (num_nonnulls(private_jwk, sealed_key) = 1));
create index signing_keys_revoked on signing_keys (revoked_at) where revoked_at is not null;
