# Debian packages without installing them: apt resolves, downloads and checks signatures, dpkg-deb unpacks.
# Sourced. Nothing here needs root, a chroot or a mount, and a download that was cut off goes on where it stopped.

say() { printf '\n== %s (%s s)\n' "$*" "$SECONDS"; }
fail() { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; exit 1; }

# The archive that this machine itself uses, so that a local mirror is honoured.
mirror() {
    local found
    found=${TING_MIRROR:-$(apt-get indextargets --format '$(REPO_URI) $(ORIGIN) $(COMPONENT)' 2>/dev/null |
        awk '$2 == "Debian" && $3 == "main" && $1 !~ /security/ {print $1; exit}')}
    [ -n "$found" ] || fail "no Debian archive is configured in apt: set TING_MIRROR to one"
    printf '%s' "$found"
}

# private_apt NAME ARCHITECTURE SUITE: an apt of its own under $cache/apt/NAME; afterwards `apt NAME COMMAND…` uses it.
private_apt() {
    local folder=$cache/apt/$1
    mkdir -p "$folder"/{etc/apt.conf.d,etc/preferences.d,lists/partial} "$cache/archives/partial"
    : >"$folder/status"
    [ -r "$keyring" ] || fail "$keyring is missing: apt-get install debian-archive-keyring"
    # Unstable's index expires within a week while the pinned packages stay good; the signature is still checked.
    echo "deb [arch=$2 signed-by=$keyring check-valid-until=no] $(mirror) $3 main" >"$folder/etc/sources.list"
    cat >"$folder/apt.conf" <<END
Dir "$folder";
Dir::Etc "$folder/etc";
Dir::Etc::parts "$folder/etc/apt.conf.d";
Dir::State "$folder";
Dir::State::lists "$folder/lists";
Dir::State::status "$folder/status";
Dir::Cache "$folder";
Dir::Cache::archives "$cache/archives";
APT::Architecture "$2";
APT::Architectures "$2";
APT::Install-Recommends "false";
APT::Get::Assume-Yes "true";
APT::Keep-Downloaded-Packages "true";
APT::Sandbox::User "";
Acquire::Languages "none";
Acquire::Retries "3";
END
}
keyring=${TING_KEYRING:-/usr/share/keyrings/debian-archive-keyring.gpg}

apt() { local name=$1; shift; APT_CONFIG=$cache/apt/$name/apt.conf apt-get -q "$@"; }

# fetch NAME LIST PACKAGE…: downloads the packages and all they need; LIST gets the paths of the files.
fetch() {
    local name=$1 list=$2 file
    shift 2
    apt "$name" update
    # shellcheck disable=SC2068
    apt "$name" install --download-only $@
    : >"$list.part"
    # With everything in the cache apt has nothing left to name, so the names come from a resolution without a cache.
    # shellcheck disable=SC2068
    apt "$name" install --print-uris -o Dir::Cache::archives="$cache/apt/$name/none" $@ |
        sed -n "s/^'[^']*' \([^ ]*\) .*/\1/p" >"$list.names"
    while read -r file; do
        [ -s "$cache/archives/$file" ] || fail "$file was not downloaded"
        echo "$cache/archives/$file" >>"$list.part"
    done <"$list.names"
    rm "$list.names"
    mv "$list.part" "$list"
}

# unpack LIST FOLDER [TAR OPTION…]: unpacks the listed packages over each other into a merged-/usr tree.
unpack() {
    local list=$1 folder=$2 file count=0 total
    shift 2
    total=$(wc -l <"$list")
    mkdir -p "$folder/usr"/{bin,sbin,lib,lib64}
    for file in bin sbin lib lib64; do ln -sfn "usr/$file" "$folder/$file"; done
    while read -r file; do
        count=$((count + 1))
        printf '\r%s/%s %-60.60s' "$count" "$total" "$(basename "$file")"
        dpkg-deb --fsys-tarfile "$file" |
            tar -x -C "$folder" --keep-directory-symlink --no-same-owner --exclude='./usr/share/doc/*' \
                --exclude='./usr/share/man/*' --exclude='./usr/share/locale/*' "$@"
    done <"$list"
    echo
}

# The path of an emulator for arm64 programs: this machine's, or one fetched into the cache (it is linked statically).
emulator() {
    local found
    found=$(command -v qemu-aarch64-static || command -v qemu-aarch64 || true)
    if [ -z "$found" ]; then
        found=$cache/emulator/usr/bin/qemu-aarch64
        if [ ! -x "$found" ]; then
            private_apt emulator "$(dpkg --print-architecture)" "$target_suite"
            rm -rf "$cache/emulator.part"
            mkdir -p "$cache/emulator.part"
            { apt emulator update && (cd "$cache/emulator.part" && apt emulator download qemu-user); } >&2
            dpkg-deb --fsys-tarfile "$cache"/emulator.part/*.deb | tar -x -C "$cache/emulator.part" ./usr/bin/qemu-aarch64
            rm -rf "$cache/emulator" "$cache"/emulator.part/*.deb
            mv "$cache/emulator.part" "$cache/emulator"
        fi
    fi
    printf '%s' "$found"
}

# How both packages' programs are linked: without debug information and paths of the machine that builds, without
# exported names (which also keep code that nobody calls) and without a row for each relocation: 4 MB of the two.
link_options() {
    printf '%s ' -Xswiftc -use-ld=lld -Xswiftc -no-toolchain-stdlib-rpath -Xlinker -s -Xlinker --no-export-dynamic \
        -Xlinker -z -Xlinker pack-relative-relocs
}

# warnings LOG: how many the compiler had on the sources of this repository; there are to be none.
warnings() {
    local count
    count=$(grep -c '/source/\(Sources\|Package.swift\).*warning:' "$1" || true)
    echo "warnings of $(sed -n 's/^Swift version/Swift/p' "$1"): $count"
    [ "$count" = 0 ] || fail "expected no warnings, found $count in $1"
}

# Debian's own critic, where it is installed; errors end the build.
inspect() {
    if ! command -v lintian >/dev/null; then echo "not inspected: apt-get install lintian"; return; fi
    say "lintian"
    lintian --fail-on error --tag-display-limit 0 "$1"
    echo "no errors"
}
