import type { Translation } from './translation.ts';

/** The messages in Swedish. */
export const SV: Translation = {
  titles: {
    'invalid-request': 'Begäran har fel form',
    'invalid-continuation-token': 'Ogiltig fortsättningstoken',
    'use-an-action': 'Värdet ändras med en egen åtgärd',
    unauthenticated: 'Inte autentiserad',
    forbidden: 'Åtkomst nekad',
    'not-found': 'Hittades inte',
    'method-not-allowed': 'Metoden är inte tillåten',
    conflict: 'I konflikt med nuvarande tillstånd',
    'already-applied': 'Operationen har redan tillämpats',
    'request-in-flight': 'Samma begäran behandlas redan',
    'stale-version': 'Versionen har ändrats',
    'too-large': 'Begäran är för stor',
    'unsupported-media-type': 'Innehållet måste vara JSON',
    'rule-broken': 'En regel har brutits',
    'idempotency-key-reused': 'Idempotency-Key hör till en annan begäran',
    locked: 'Posten är låst',
    'version-required': 'If-Match krävs',
    'too-many-requests': 'För många begäranden',
    'function-switched-off': 'Funktionen är avstängd',
    'internal-error': 'Internt fel',
    'not-yet-available': 'Ännu inte tillgängligt',
    'key-set-unavailable': 'Token kan inte verifieras',
    'transaction-too-long': 'Transaktionen tog för lång tid',
    'host-not-running': 'Värden kör inga funktioner just nu',
    'storage-unavailable': 'En tjänst som behövs svarade inte',
  },
  texts: {
    'answer-not-as-declared': '{function} svarade något som inte är deklarerat: {fault}',
    'query-name-twice': 'query.{name} anges två gånger. Ange ett värde.',
    'query-not-utf8': 'Frågesträngen är inte text i UTF-8. Koda varje värde enligt RFC 3986.',
    'content-encoding-refused': 'Skicka innehållet som det är, utan Content-Encoding: {coding}.',
    'body-type-refused': 'Skicka JSON i UTF-8 med Content-Type: application/json; det här var "{mediaType}".',
    'body-not-json': 'Innehållet är inte JSON: {reason}',
    'if-match-malformed':
      'If-Match tar den ETag som du läste, till exempel "7". `*` godtas inte: det skulle skriva över det du inte har sett.',
    'body-too-large': 'Innehållet får vara högst {limit} byte. Dela upp det på flera begäranden.',
    'fields-invalid': 'Rätta detta och skicka igen: {issues}',
    'idempotency-key-malformed': 'En Idempotency-Key har 1 till 256 tecken.',
    'idempotency-key-of-another-request':
      'Denna Idempotency-Key har använts för en annan begäran. Använd en ny nyckel för en ny begäran; upprepa en begäran oförändrad.',
    'same-request-in-flight': 'Samma begäran behandlas redan. Upprepa den efter Retry-After för att få svaret.',
    'continuation-token-foreign':
      'Skicka tillbaka continuationToken från föregående sida i samma lista, oförändrad, eller utelämna den.',
    'role-not-allowed': 'Anropet är för {roles}; din token anger {role}.',
    'token-of-another-channel': 'Din token gäller kanalen {channel} och kan inte användas för en annan kanal.',
    'rate-exceeded': 'Du skickar mer än du får. Fortsätt om {seconds} s, och långsammare.',
    'storage-silent':
      'Lagringen eller värdens durable-motor svarade inte. Inget har gått förlorat: upprepa begäran med samma Idempotency-Key.',
    'fault-logged': 'Orsaken finns i loggen under anropet {invocationId}. Det kan hjälpa att upprepa begäran.',
    'method-not-taken': '{path} tar {allowed}.',
    'address-unknown': 'Det finns inget på {path}. docs/api.md listar det som finns.',
    'address-not-available': 'GET /{route} är inte tillgänglig i den här versionen. Inget har gjorts.',
    'function-off':
      'Funktionen {function} är avstängd. Ta bort inställningen AzureWebJobs.{function}.Disabled för att slå på den.',

    'token-missing': 'Skicka en token: Authorization: Bearer <token>.',
    'authorization-malformed': 'Huvudet Authorization har en annan form än: Bearer <token>.',
    'token-channel-unknown': 'Kanalen {channel} i token är inte känd här. En administratör måste först skapa den.',
    'token-user-disabled': 'Användaren {userId} i token är inaktiverad. Fråga en administratör.',
    'token-user-removed': 'Användaren {userId} i token har tagits bort. Fråga en administratör.',
    'token-user-unknown': 'Användaren {userId} i token är inte känd här. Fråga en administratör.',
    'token-without-roles': 'Token saknar anspråket `roles` i form av en lista med namn.',
    'token-roles-unknown': 'Anspråket `roles` i token anger ingen av {roles}.',
    'token-claim-not-an-id': 'Anspråket `{claim}` i token saknas eller är inget giltigt id.',
    'token-of-another-issuer': 'Token kommer från en annan utfärdare.',
    'token-for-another-audience': 'Token är avsedd för en annan målgrupp.',
    'token-without-expiry': 'Token har ingen förfallotid (`exp`).',
    'token-not-valid-yet': 'Token gäller inte ännu (`nbf`).',
    'token-claim-wrong': 'Anspråket `{claim}` i token saknas eller är fel.',
    'token-of-another-kind':
      'Token är av ett annat slag: `typ` i dess huvud måste vara "JWT" eller "at+jwt", eller saknas.',
    'token-expired': 'Token har förfallit. Hämta en ny.',
    'token-signature-wrong': 'Token är inte signerad med någon av utfärdarens nycklar.',
    'token-key-unclear': 'Huvudet i token anger inte vilken av utfärdarens nycklar som signerade den (`kid`).',
    'token-algorithm-refused': 'Signaturen i token är av ett slag som inte godtas.',
    'token-malformed': 'Det som följer på "Bearer" är ingen signerad JSON Web Token.',
    'issuer-keys-unreadable': 'Utfärdarens nycklar kan inte läsas just nu. Upprepa begäran senare.',
    'user-no-longer-enabled': 'Användaren {userId} är inte längre aktiverad. Fråga en administratör.',
    'privilege-missing':
      'Du saknar privilegiet {privilege}: {action} på tabellen {table}. Be en administratör om en roll som har det.',
    'privilege-missing-on-record':
      'Du saknar privilegiet {privilege}: {action} på tabellen {table} för andra användares poster (djup Organization). Be en administratör om en roll som har det.',
    'no-enabled-user':
      '{at}: det finns ingen aktiverad användare {userId}. Ange en annan, eller låt en administratör skapa eller aktivera den: PUT /api/users/{userId}.',
    'id-malformed':
      'Ett id för {what} har 1 till 64 bokstäver, siffror, punkter, understreck och bindestreck (A-Z a-z 0-9 . _ -).',
    'user-unknown': 'Det finns ingen användare {userId}.',
    'user-removed': 'Användaren {userId} ({name}) har tagits bort.',
    'built-in-user-not-removable':
      'Användaren {userId} är inbyggd och kan inte tas bort, så att någon alltid kan administrera. Namnet får ändras.',
    'built-in-user-not-disabled':
      'Användaren {userId} är inbyggd och kan inte inaktiveras, så att någon alltid kan administrera. Namnet får ändras.',
    'built-in-user-keeps-role':
      'Användaren {userId} är inbyggd och behåller rollen {role}, så att någon alltid kan administrera. Namnet får ändras.',
    'role-unknown': 'Det finns ingen roll {name}. PUT skapar en.',
    'role-built-in': 'Rollen {name} är inbyggd och kan inte ändras. Skapa en annan roll vid sidan av den.',
    'role-tables-unknown': 'Det finns ingen tabell {tables}. Ange en som finns, eller * för alla.',
    'user-roles-unknown': 'Det finns ingen roll {roles}. Skapa den med PUT {address}, eller utelämna den.',

    'table-unknown': 'Det finns ingen tabell {table}.',
    'record-absent': 'Det finns ingen post i {table} med id {id}.',
    'record-absent-or-unreadable': 'Det finns ingen post {reference} i {table}, eller så får du inte läsa den.',
    'record-unreadable': 'Det finns ingen post {id} i tabellen {table}, eller så får du inte läsa den.',
    'such-record-unreadable': 'Det finns ingen sådan post i tabellen {table}, eller så får du inte läsa den.',
    'record-was-deleted':
      'Posten {id} i {table} togs bort {deletedOn}. POST /api/tables/{table}/{id}/restore återställer den; att ångra dess jobb återställer även det som togs bort samtidigt.',
    'named-record-absent': '{at}: det finns ingen sådan post i {table}, eller så får du inte läsa den.',
    'record-not-written': 'Posten skrevs inte.',
    'unique-value-taken': '{column}: {value} hör till en annan post i {table}.',
    'record-id-taken': 'Tabellen {table} har redan en post med id {id}. Utelämna id för att få ett nytt.',
    'record-id-deleted-by-job': 'Posten {id} i {table} togs bort av jobbet {jobId}.',
    'record-id-version-8':
      'id: GUID av version 8 skapas bara här. Skicka en annan version (till exempel 4), eller utelämna id.',
    'record-locked': 'Posten {id} i {table} är låst av jobbet {jobId}. Försök igen när det är klart.',
    'record-version-stale': 'Du har sett version {seen}; nu är det version {version}. Läs den igen.',
    'record-version-needed':
      'Skicka If-Match med postens ETag så som du läste den, så att ingen annan ändring skrivs över.',
    'record-contended': 'Posten {id} i {table} ändras av många samtidigt. Försök igen.',
    'owner-needs-assign': 'Ägaren ändras med POST {address}, eftersom allt under posten följer med.',
    'lookup-needs-reparent': '{lookup} ändras med POST {address}, eftersom allt under posten följer med.',
    'lookup-unknown': '{table} har inget uppslag {lookup}.',
    'parent-being-deleted': 'Posten {id} i {table} håller på att tas bort av jobbet {jobId}.',
    'parent-locked': 'Posten {id} i {table} är låst av jobbet {jobId}.',
    'restore-not-deleted': 'Posten {id} i {table} är inte borttagen, så det finns inget att återställa.',
    'restore-contended': 'Posten {id} i {table} ändras av andra. Försök igen.',
    'restore-record-unknown': 'Det finns ingen post i {table} med id {id}, inte heller bland de borttagna.',
    'restore-parent-gone':
      'Posten {id} i {table} kan bara återställas under sin överordnade post genom {relationship}, {parentId}, som inte längre finns. Återställ den först.',
    'restore-parent-gone-or-undo':
      'Posten {id} i {table} kan bara återställas under sin överordnade post genom {relationship}, {parentId}, som inte längre finns. Återställ den först, eller ångra jobbet {jobId} om det tog bort båda.',
    'restore-still-being-deleted':
      'Jobbet {jobId} håller fortfarande på att ta bort det som posten {id} i {table} hör till. Vänta tills det är klart.',
    'relationship-unknown': 'Det finns ingen relation {name}. GET /api/relationships listar dem.',
    'relationship-not-of-table': 'Ingen relation {name} leder nedåt från tabellen {table}.',
    'relationship-part-fixed': '{part}: är {value} och kan inte ändras; bara beteenden kan ändras.',
    'behaviors-contradict-preset':
      'Inget ändrades: {preset} har andra beteenden för {actions} än begäran. Skicka antingen förinställningen eller beteendena, inte båda.',
    'custom-names-nothing':
      'Custom säger inget i sig: skicka behaviors för {actions}, eller en förinställning: {presets}.',
    'behaviors-not-named':
      'Begäran anger inget beteende: skicka behaviors för {actions}, eller en förinställning: {presets}.',
    'share-still-cascades':
      'Share sprids över {name} ({behavior}), så det som kom ned över den är som det ska. Sätt först Share till None.',
    'rules-broken': 'Inget ändrades: {issues}.',
    'if-match-needed':
      'Läs först {what} och skicka tillbaka dess ETag som If-Match, så att ingens ändring skrivs över osedd.',
    'if-match-of-nothing': 'If-Match anger version {ifMatch}, men {what} finns inte.',
    'if-match-stale':
      'If-Match anger version {ifMatch}, men {what} har version {version}. Läs den igen och bestäm på nytt.',
    'transaction-contended':
      'Andra ändrar hela tiden {count} rader i {table}. Inget ändrades: försök igen, eller skicka mode "async".',
    'transaction-record-locked': 'Posten {id} är låst av jobbet {jobId}. Inget ändrades: försök igen när det är klart.',
    'transaction-past-deadline':
      'Transaktionen blev inte klar inom {seconds} sekunder, så allt är som det var förut. Skicka den med mode "async".',
    'job-asked-for-by-many': 'Många begär jobbet {job} samtidigt. Försök igen.',

    'merge-with-itself': 'subordinateId: posten {id} i {table} kan inte sammanfogas med sig själv.',
    'table-not-mergeable': 'Poster i {table} kan inte sammanfogas. De i {mergeable} kan.',
    'merge-of-inactive': 'Posten {id} i {table} är inaktiv. Bara aktiva poster kan sammanfogas.',
    'merge-of-merged':
      'Posten {id} i {table} är inaktiv (den har sammanfogats med {masterId}). Bara aktiva poster kan sammanfogas.',
    'unshare-user-unknown': 'principal: det finns ingen användare {userId}.',
    'share-user-may-not-read':
      'principal: användaren {userId} får inte läsa tabellen {table} och kan därför inte få dess poster.',
    'delete-blocked':
      'Relaterade poster hindrar det: {blockers}. Ta bort dem först, eller koppla loss dem. Inget togs bort.',
    'plugin-failed': '{what} Allt är som det var förut.',
    'plugin-timeout': '{what} Allt är som det var förut.',
    'record-being-deleted': 'Posten {id} i {table} håller på att tas bort av jobbet {jobId}.',
    'assign-owner-unfit':
      'ownerId: det finns ingen aktiverad användare {userId} som får läsa tabellen {table}. Ange en annan, eller fråga en administratör.',
    'reparent-no-lookups': 'relationship: {table} har inget uppslag {lookup}; den har inga uppslag.',
    'reparent-lookup-unknown': 'relationship: {table} har inget uppslag {lookup}; den har uppslagen {lookups}.',
    'reparent-under-itself': 'parentId: posten {id} i {table} är posten själv, eller ligger under den.',
    'earlier-attempt-under-way':
      'Jobbet {jobId} från ett tidigare försök med denna begäran pågår. Fråga efter det, eller upprepa begäran snart.',
    'action-not-available': 'Åtgärden {action} är inte tillgänglig i den här versionen.',

    'channel-unknown': 'Det finns ingen kanal {channel}. En administratör skapar en med PUT.',
    'channel-of-message-unknown':
      'Det finns ingen kanal {channel}. Skapa den först och lägg sedan tillbaka meddelandet.',
    'channel-customer-unknown':
      'Kanalen {channel} känner ingen kund {customer}. En som skapats på annat håll kommer med jobb 1010.',
    'channel-operation-unknown': 'Kanalen {channel} har ingen operation {id}.',
    'default-customer-unknown':
      'defaultCustomer: det finns inget konto {customer}. Skapa det först, eller utelämna det.',
    'operation-unknown': 'Huvudkontoret har ingen operation {id}; den kanske inte är uppladdad ännu.',
    'cdx-job-unknown': 'Det finns inget CDX-jobb {job}. GET /api/cdx-jobs listar det som finns.',
    'cdx-run-unknown': 'Jobbet {job} har ingen körning {runId}.',
    'cdx-job-running': 'Jobbet {job} körs: {runId}. Starta en ny körning när den är klar.',
    'bulk-change-unknown': 'Det finns ingen massändring {id}.',
    'feature-unknown': 'Det finns ingen funktion {key}. GET /api/features listar det som finns.',
  },
};
