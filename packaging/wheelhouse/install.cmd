@echo off
rem Installs CNN Studio from this folder for the user who runs it: install.cmd [uninstall]
rem It needs no network, no administrator and no compiler.
setlocal
set "HERE=%~dp0"
set "PROGRAM=%LOCALAPPDATA%\Programs\cnnstudio"
set "STARTER=%APPDATA%\Microsoft\Windows\Start Menu\Programs\CNN Studio.lnk"

if /i "%~1"=="uninstall" goto uninstall
if not "%~1"=="" (
    echo CNN Studio is not installed: there is no option "%~1"; type install.cmd or install.cmd uninstall. 1>&2
    exit /b 1
)

set "PIP="
for %%F in ("%HERE%wheels\pip-*.whl") do set "PIP=%%~fF"
if not defined PIP (
    echo CNN Studio is not installed: the folder "wheels" beside install.cmd is missing or not complete; unpack the archive again. 1>&2
    exit /b 1
)

rem The first Python that fits; PYTHON names another.
if defined PYTHON goto found
for %%V in (3.13 3.12 3.11) do (
    if not defined PYTHON py -%%V -c "pass" >nul 2>&1 && set "PYTHON=py -%%V"
)
if not defined PYTHON (
    python -c "import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))" >nul 2>&1 && set "PYTHON=python"
)
if not defined PYTHON (
    echo CNN Studio is not installed: it needs Python 3.11, 3.12 or 3.13, and there is none. 1>&2
    exit /b 1
)
:found

echo Installing CNN Studio in %PROGRAM%
if exist "%PROGRAM%" rmdir /s /q "%PROGRAM%"
%PYTHON% -m venv --without-pip "%PROGRAM%\venv" || exit /b 1
rem No settings of pip, so that no other place is asked.
set "PIP_CONFIG_FILE=nul"
"%PROGRAM%\venv\Scripts\python.exe" "%PIP%\pip" --isolated install --no-index --find-links "%HERE%wheels" --no-cache-dir --disable-pip-version-check --quiet cnnstudio
if errorlevel 1 (
    rmdir /s /q "%PROGRAM%"
    echo CNN Studio is not installed: there is no wheel for this Python and machine in the folder "wheels". 1>&2
    type "%HERE%MISSING.txt" 1>&2
    exit /b 1
)
for %%F in (LICENSE THIRD-PARTY.txt EXCHANGE-QT.txt cnnstudio.ico install.cmd) do copy /y "%HERE%%%F" "%PROGRAM%" >nul

rem pythonw.exe opens no console. A menu entry is made by the shell that Windows scripts have.
powershell -NoProfile -ExecutionPolicy Bypass -Command "$s = (New-Object -ComObject WScript.Shell).CreateShortcut($env:STARTER); $s.TargetPath = $env:PROGRAM + '\venv\Scripts\pythonw.exe'; $s.Arguments = '-I -m cnnstudio --window'; $s.IconLocation = $env:PROGRAM + '\cnnstudio.ico'; $s.Save()"
if errorlevel 1 echo The entry in the menu could not be made; start "%PROGRAM%\venv\Scripts\cnnstudio.exe" instead. 1>&2
echo CNN Studio is installed, in the menu too. On the command line: "%PROGRAM%\venv\Scripts\cnnstudio.exe"
echo To remove it: "%PROGRAM%\install.cmd" uninstall
exit /b 0

:uninstall
if not exist "%PROGRAM%" (
    echo CNN Studio is not installed. 1>&2
    exit /b 1
)
if exist "%STARTER%" del "%STARTER%"
echo CNN Studio is removed. Settings and designs are left.
rem The last line, read as one, for it may delete this very file.
cd /d "%TEMP%" & rmdir /s /q "%PROGRAM%" & exit /b 0
