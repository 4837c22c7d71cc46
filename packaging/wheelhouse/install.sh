#!/bin/sh
# Installs CNN Studio from this folder for Linux or macOS; `sh install.sh --help` says how it is called.
# It needs no network, no root and no compiler, and writes nothing outside of the prefix.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
prefix=${HOME:-}/.local
action=install
system=$(uname -s)

fail() {
    echo "CNN Studio is not installed: $1" >&2
    exit 1
}

while [ $# -gt 0 ]; do
    case $1 in
        install | uninstall) action=$1 ;;
        --prefix)
            [ $# -ge 2 ] || fail "--prefix needs a folder."
            prefix=$2
            shift
            ;;
        --help | -h)
            echo "sh install.sh [install|uninstall] [--prefix FOLDER]   (FOLDER is ~/.local if none is named)"
            exit 0
            ;;
        *) fail "there is no option '$1'; type: sh install.sh --help" ;;
    esac
    shift
done
case $prefix in
    /.local) fail "the variable HOME is empty; name a folder with --prefix." ;;
    /*) ;;
    *) prefix=$PWD/$prefix ;;
esac
program=$prefix/lib/cnnstudio
share=$prefix/share
list=$program/installed-files
if [ "$system" = Darwin ]; then
    # The menu of macOS is the folder Applications.
    if [ "$prefix" = "${HOME:-}/.local" ]; then applications=$HOME/Applications; else applications=/Applications; fi
fi

# Folders

make_folder() {
    [ -d "$1" ] && return
    make_folder "$(dirname "$1")"
    mkdir "$1" || fail "the folder $1 cannot be made."
    made="$made$1
"
}

refresh_menu() {
    [ "$system" = Linux ] || return 0
    # Only a folder that is read by desktops has a database beside it.
    if command -v update-mime-database >/dev/null && [ -d "$share/mime/packages" ]; then
        update-mime-database "$share/mime" >/dev/null 2>&1 || true
    fi
    if command -v update-desktop-database >/dev/null && [ -d "$share/applications" ]; then
        update-desktop-database -q "$share/applications" >/dev/null 2>&1 || true
    fi
}

# Removing

remove() {
    [ -f "$list" ] || return 0
    # Its lines: `file NAME` for what was laid outside of the program's folder, `folder NAME` for what was made.
    while read -r kind name; do
        if [ "$kind" = file ]; then rm -rf "$name"; fi
    done <"$list"
    refresh_menu
    folders=$(sed -n 's/^folder //p' "$list" | sort -r)
    rm -rf "$program"
    echo "$folders" | while read -r folder; do
        [ -d "$folder" ] || continue
        case $folder in
            # What the databases consist of goes with the last type that they told of.
            "$share/mime") [ -d "$folder/packages" ] || rm -rf "$folder" ;;
            "$share/applications") [ "$(ls "$folder")" != mimeinfo.cache ] || rm -f "$folder/mimeinfo.cache" ;;
        esac
        rmdir "$folder" 2>/dev/null || true
    done
}

if [ "$action" = uninstall ]; then
    if [ ! -f "$list" ]; then
        echo "CNN Studio is not installed in $prefix." >&2
        exit 1
    fi
    remove
    echo "CNN Studio is removed. Settings and designs are left; the settings lie in folders named CNNStudio."
    exit 0
fi

# What it needs

find_python() {
    for candidate in ${PYTHON:-python3.13 python3.12 python3.11 python3}; do
        if "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
}

python=$(find_python)
[ -n "$python" ] || fail "it needs Python 3.11, 3.12 or 3.13, and ${PYTHON:-none of python3.13, python3.12, python3.11 and python3} is not one. Name it, as in: PYTHON=/opt/python/bin/python3 sh install.sh"
pip=$(ls "$here"/wheels/pip-*.whl 2>/dev/null) || fail "the folder 'wheels' beside install.sh is missing or not complete; unpack the archive again."
"$python" -c 'import venv' 2>/dev/null || fail "$python lacks its module venv; on Debian and Ubuntu the package python3-venv or libpython3-stdlib brings it."

# Installing

remove
made=
trap 'echo "$made" | sed -n "s/^./folder &/p" >>"$list" 2>/dev/null; remove' EXIT
make_folder "$program"
: >"$list"
echo "Installing CNN Studio in $program"
"$python" -m venv --without-pip "$program/venv" || fail "$python cannot make a virtual environment."
# No settings of pip, so that no other place is asked; the pip in `wheels`, as this Python may have none.
if ! said=$(PIP_CONFIG_FILE=/dev/null "$program/venv/bin/python" "$pip/pip" --isolated install --no-index \
    --find-links "$here/wheels" --no-cache-dir --disable-pip-version-check --quiet cnnstudio 2>&1); then
    echo "$said" >&2
    libc=$(getconf GNU_LIBC_VERSION 2>/dev/null || true)
    fail "there is no wheel for $("$python" -V) on $system $(uname -m) ${libc:+with $libc }in the folder 'wheels'.
$(cat "$here/MISSING.txt")
For a Linux older than glibc 2.34, PySide6-Essentials 6.9.3 would do: make wheelhouse QT=6.9.3"
fi
# Not pip's own starter, which fails in a folder with `$` in its name. -I keeps what lies in the current folder out.
command=$program/cnnstudio
printf '#!/bin/sh\nexec '"'%s'"' -I -m cnnstudio "$@"\n' "$(printf %s "$program/venv/bin/python" | sed "s/'/'\\\\''/g")" >"$command"
chmod 755 "$command"
"$command" summary lenet-5 >/dev/null || fail "it does not start; the message is above."

lay() { # lay TARGET SOURCE
    make_folder "$(dirname "$1")"
    cp "$2" "$1"
    chmod 644 "$1"
    echo "file $1" >>"$list"
}

make_folder "$prefix/bin"
if [ -e "$prefix/bin/cnnstudio" ] && [ ! -L "$prefix/bin/cnnstudio" ]; then
    fail "$prefix/bin/cnnstudio exists, and this installer has not made it."
fi
ln -sf "$command" "$prefix/bin/cnnstudio"
echo "file $prefix/bin/cnnstudio" >>"$list"
for text in LICENSE THIRD-PARTY.txt EXCHANGE-QT.txt; do cp "$here/$text" "$program"; done
cp "$here/install.sh" "$program"

if [ "$system" = Linux ]; then
    # In the field Exec, a program with spaces and the like stands in quotes.
    quoted=$(printf %s "$command" | sed 's/\\/\\\\\\\\/g; s/["`$]/\\\\&/g; s/%/%%/g')
    sed "s|^Exec=cnnstudio|Exec=\"$(printf %s "$quoted" | sed 's/[\\&|]/\\&/g')\"|" "$here/cnnstudio.desktop" >"$program/cnnstudio.desktop"
    lay "$share/applications/cnnstudio.desktop" "$program/cnnstudio.desktop"
    lay "$share/mime/packages/cnnstudio.xml" "$here/cnnstudio.xml"
    lay "$share/icons/hicolor/scalable/apps/cnnstudio.svg" "$here/cnnstudio.svg"
    refresh_menu
    "$program/venv/bin/python" -c 'import PySide6.QtWidgets, PySide6.QtSvg' 2>"$program/said" ||
        echo "The window needs a library of the system: $(tail -1 "$program/said"). The command line works without it." >&2
    rm -f "$program/said"
elif [ "$system" = Darwin ]; then
    app="$applications/CNN Studio.app"
    make_folder "$app/Contents/MacOS"
    printf '#!/bin/sh\nexec "%s" --window "$@"\n' "$command" >"$app/Contents/MacOS/cnnstudio"
    chmod 755 "$app/Contents/MacOS/cnnstudio"
    cat >"$app/Contents/Info.plist" <<PLIST
<?xml version="1.0" encoding="UTF-8"?>
<plist version="1.0"><dict>
<key>CFBundleName</key><string>CNN Studio</string>
<key>CFBundleIdentifier</key><string>org.cnnstudio.CNNStudio</string>
<key>CFBundleExecutable</key><string>cnnstudio</string>
<key>CFBundlePackageType</key><string>APPL</string>
</dict></plist>
PLIST
    echo "file $app" >>"$list"
fi

trap - EXIT
echo "$made" | sed -n 's/^./folder &/p' >>"$list"
echo "CNN Studio is installed, in the menu too. On the command line: $prefix/bin/cnnstudio"
echo "To remove it: sh $program/install.sh uninstall$([ "$prefix" = "${HOME:-}/.local" ] || echo " --prefix $prefix")"
