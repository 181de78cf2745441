#!/usr/bin/env bash
# Everything that must hold: installs what the tests need, then format, build, migrations and tests on both databases.
set -euo pipefail
cd "$(dirname "$0")/.."

install() {
    command -v "$1" >/dev/null 2>&1 || [ -n "$(ls $2 2>/dev/null)" ] && return 0
    missing+=("$3")
}
missing=()
install chromium /usr/bin/chromium chromium
install initdb '/usr/lib/postgresql/*/bin/initdb' postgresql
fc-list 2>/dev/null | grep -qi 'CJK' || missing+=(fonts-noto-cjk fontconfig)
ldconfig -p | grep -q libicuuc || missing+=(libicu72)
if [ ${#missing[@]} -gt 0 ]; then
    echo "Installing ${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
dotnet tool restore
dotnet restore --locked-mode -warnaserror
dotnet build --no-restore -warnaserror
dotnet format --no-restore --verify-no-changes
for database in Sqlite Postgres; do
    dotnet ef migrations has-pending-model-changes --no-build --project src/Automation.Marketing --context "${database}AutomationDb"
done
dotnet test --no-build --logger "console;verbosity=normal"
