# Sourced by .ci/run: Redis and PostgreSQL on their usual ports of 127.0.0.1, for the tests. Installs the Debian packages where
# they are missing, starts what does not answer, fails if it then does not answer either. stop_servers ends what was started.
redis_port=6379
postgres_port=5432
servers="$(mktemp -d)"

answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
redis_answers() { answers "$redis_port" && [ "$(redis-cli -h 127.0.0.1 -p "$redis_port" ping 2>/dev/null)" = PONG ]; }
postgres_answers() {
  answers "$postgres_port" && psql -w -q -h 127.0.0.1 -p "$postgres_port" -U postgres -c 'select 1' >/dev/null 2>&1
}
# The newest server that is installed.
postgres_bin() { compgen -G '/usr/lib/postgresql/*/bin' | sort -V | tail -n 1; }
as_postgres() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }

until_true() {
  local waited
  for waited in $(seq 100); do
    if "$@"; then return 0; fi
    sleep 0.1
  done
  return 1
}

install_servers() {
  local missing=()
  # Tests start servers of their own besides.
  command -v redis-server >/dev/null && command -v redis-cli >/dev/null || missing+=(redis-server)
  command -v psql >/dev/null && [ -n "$(postgres_bin)" ] || missing+=(postgresql)
  command -v openssl >/dev/null || missing+=(openssl)
  [ "${#missing[@]}" -gt 0 ] || return 0
  # The package's own cluster would take the port and ask for passwords.
  if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
    mkdir -p /etc/postgresql-common
    echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf
  fi
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends \
    -o Dpkg::Options::=--force-confold "${missing[@]}"
}

start_servers() {
  install_servers
  if ! redis_answers; then
    redis-server --port "$redis_port" --bind 127.0.0.1 --save '' --appendonly no --dir "$servers" \
      --daemonize yes --pidfile "$servers/redis.pid" >"$servers/redis.log"
  fi
  if ! answers "$postgres_port"; then
    if [ "$(id -u)" = 0 ]; then chown postgres "$servers"; fi
    as_postgres "$(postgres_bin)/initdb" -D "$servers/pg" -U postgres -A trust -E UTF8 >"$servers/initdb.log"
    as_postgres "$(postgres_bin)/pg_ctl" -D "$servers/pg" -l "$servers/pg.log" -w start >/dev/null \
      -o "-p $postgres_port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$servers"
  fi
  until_true redis_answers || { echo "Redis does not answer on 127.0.0.1:$redis_port" >&2; return 1; }
  until_true postgres_answers || {
    echo "PostgreSQL does not let postgres in without a password on 127.0.0.1:$postgres_port" >&2
    return 1
  }
}

stop_servers() {
  if [ -e "$servers/redis.pid" ]; then kill "$(cat "$servers/redis.pid")" || true; fi
  if [ -e "$servers/pg/postmaster.pid" ]; then
    as_postgres "$(postgres_bin)/pg_ctl" -D "$servers/pg" -m immediate stop >/dev/null || true
  fi
  rm -rf "$servers"
}
