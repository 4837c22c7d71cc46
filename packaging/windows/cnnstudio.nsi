; The installer for Windows, for one user or for all. packaging/make_installer.py compiles it, and gives it:
;   VERSION   1.0.0, and NUMBERS, the same as four numbers
;   FOLDER    the bundle for Windows
;   LISTED    a file with the instructions that remove what FOLDER holds, and nothing else
;   ICON      the picture of the installer
;   TARGET    the installer to be made

Unicode true
SetCompressor /SOLID lzma
ManifestDPIAware true

!define TITLE "CNN Studio"
!define PROGRAM "cnnstudio-window.exe"
!define TYPE "CNNStudio.Design"
!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\CNNStudio"

; Whoever may act for all is asked for whom; others install for themselves. /AllUsers and /CurrentUser say it, with /S.
!define MULTIUSER_EXECUTIONLEVEL Highest
!define MULTIUSER_MUI
!define MULTIUSER_INSTALLMODE_COMMANDLINE
!define MULTIUSER_INSTALLMODE_INSTDIR "${TITLE}"
!define MULTIUSER_INSTALLMODE_INSTDIR_REGISTRY_KEY "${UNINSTALL}"
!define MULTIUSER_INSTALLMODE_INSTDIR_REGISTRY_VALUENAME "InstallLocation"
!define MULTIUSER_USE_PROGRAMFILES64

!define MUI_ICON "${ICON}"
!define MUI_UNICON "${ICON}"
!include MultiUser.nsh
!include MUI2.nsh
!include LogicLib.nsh
!include x64.nsh

Name "${TITLE}"
OutFile "${TARGET}"
VIProductVersion "${NUMBERS}"
VIAddVersionKey "ProductName" "${TITLE}"
VIAddVersionKey "ProductVersion" "${VERSION}"
VIAddVersionKey "FileVersion" "${VERSION}"
VIAddVersionKey "FileDescription" "Installs ${TITLE}"
VIAddVersionKey "LegalCopyright" "MIT licence"

!insertmacro MULTIUSER_PAGE_INSTALLMODE
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"

Function .onInit
  ${IfNot} ${RunningX64}
    MessageBox MB_ICONSTOP "${TITLE} needs a 64-bit Windows." /SD IDOK
    Abort
  ${EndIf}
  SetRegView 64
  !insertmacro MULTIUSER_INIT
FunctionEnd

Function un.onInit
  SetRegView 64
  !insertmacro MULTIUSER_UNINIT
FunctionEnd

; The desktop keeps what it knows of types of files until it is told.
!macro TELL_THE_DESKTOP
  System::Call 'shell32::SHChangeNotify(i 0x08000000, i 0, p 0, p 0)'
!macroend

Section
  ; An older version goes first, by its own list: its files may have other names.
  ReadRegStr $0 SHCTX "${UNINSTALL}" "InstallLocation"
  ${If} $0 != ""
  ${AndIf} ${FileExists} "$0\uninstall.exe"
    ExecWait '"$0\uninstall.exe" /$MultiUser.InstallMode /S _?=$0'
    Delete "$0\uninstall.exe"
    RMDir "$0"
  ${EndIf}

  SetOutPath "$INSTDIR"
  File /r "${FOLDER}/*"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  CreateShortcut "$SMPROGRAMS\${TITLE}.lnk" "$INSTDIR\${PROGRAM}"

  ; Windows knows a type of files by the last part of a name alone, so that *.cnn.yaml cannot be a type. The program is
  ; offered under "Open with" for all YAML, and takes it from nobody.
  WriteRegStr SHCTX "Software\Classes\${TYPE}" "" "CNN Studio design"
  WriteRegStr SHCTX "Software\Classes\${TYPE}\DefaultIcon" "" "$INSTDIR\${PROGRAM},0"
  WriteRegStr SHCTX "Software\Classes\${TYPE}\shell\open" "FriendlyAppName" "${TITLE}"
  WriteRegStr SHCTX "Software\Classes\${TYPE}\shell\open\command" "" '"$INSTDIR\${PROGRAM}" --window "%1"'
  WriteRegNone SHCTX "Software\Classes\.yaml\OpenWithProgids" "${TYPE}"
  WriteRegNone SHCTX "Software\Classes\.yml\OpenWithProgids" "${TYPE}"

  WriteRegStr SHCTX "${UNINSTALL}" "DisplayName" "${TITLE}"
  WriteRegStr SHCTX "${UNINSTALL}" "DisplayVersion" "${VERSION}"
  WriteRegStr SHCTX "${UNINSTALL}" "DisplayIcon" "$INSTDIR\${PROGRAM}"
  WriteRegStr SHCTX "${UNINSTALL}" "Publisher" "CNN Studio authors"
  WriteRegStr SHCTX "${UNINSTALL}" "InstallLocation" "$INSTDIR"
  WriteRegStr SHCTX "${UNINSTALL}" "UninstallString" '"$INSTDIR\uninstall.exe" /$MultiUser.InstallMode'
  WriteRegStr SHCTX "${UNINSTALL}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /$MultiUser.InstallMode /S'
  WriteRegDWORD SHCTX "${UNINSTALL}" "NoModify" 1
  WriteRegDWORD SHCTX "${UNINSTALL}" "NoRepair" 1
  SectionGetSize 0 $0
  WriteRegDWORD SHCTX "${UNINSTALL}" "EstimatedSize" $0
  !insertmacro TELL_THE_DESKTOP
SectionEnd

Section "Uninstall"
  ; What is listed, file by file: the folder may hold what is not ours, and its name may be any that somebody chose.
  !include "${LISTED}"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  Delete "$SMPROGRAMS\${TITLE}.lnk"
  DeleteRegValue SHCTX "Software\Classes\.yaml\OpenWithProgids" "${TYPE}"
  DeleteRegValue SHCTX "Software\Classes\.yml\OpenWithProgids" "${TYPE}"
  ; Only what is left without a value and without a key goes: others may have theirs there.
  DeleteRegKey /ifempty SHCTX "Software\Classes\.yaml\OpenWithProgids"
  DeleteRegKey /ifempty SHCTX "Software\Classes\.yml\OpenWithProgids"
  DeleteRegKey /ifempty SHCTX "Software\Classes\.yaml"
  DeleteRegKey /ifempty SHCTX "Software\Classes\.yml"
  DeleteRegKey SHCTX "Software\Classes\${TYPE}"
  DeleteRegKey SHCTX "${UNINSTALL}"
  !insertmacro TELL_THE_DESKTOP
SectionEnd
