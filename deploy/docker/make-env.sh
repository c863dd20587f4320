#!/bin/sh
# Writes .env with fresh secrets for docker-compose.yml. An .env that exists is left alone: its master key opens what the database holds.
set -eu
cd "$(dirname "$0")/../.."
if [ -e .env ]; then
  echo ".env is there already; remove it first if its secrets are to be replaced." >&2
  exit 1
fi
umask 077
cat > .env <<END
# Of Postgres; letters and digits only, because it becomes part of an address.
POSTGRES_PASSWORD=$(openssl rand -hex 24)
# Seals hook secrets in the database. Lost with it: every hook's secret.
HOOKLANE_MASTER_KEY=$(openssl rand -base64 32)
# The first admin API key.
HOOKLANE_ADMIN_KEY=hl_$(openssl rand -base64 32 | tr '+/' '-_' | tr -d '=\n')
END
echo ".env is written; the admin key is HOOKLANE_ADMIN_KEY in it."
