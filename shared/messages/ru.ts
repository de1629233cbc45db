import type { Translation } from './translation.ts';

/** The messages in Russian. */
export const RU: Translation = {
  titles: {
    'invalid-request': 'Неверная форма запроса',
    'invalid-continuation-token': 'Недопустимый токен продолжения',
    'use-an-action': 'Это значение изменяется отдельным действием',
    unauthenticated: 'Проверка подлинности не пройдена',
    forbidden: 'Доступ запрещён',
    'not-found': 'Не найдено',
    'method-not-allowed': 'Метод не разрешён',
    conflict: 'Конфликт с текущим состоянием',
    'already-applied': 'Операция уже применена',
    'request-in-flight': 'Этот запрос уже выполняется',
    'stale-version': 'Версия изменилась',
    'too-large': 'Слишком большой запрос',
    'unsupported-media-type': 'Тело запроса должно быть в формате JSON',
    'rule-broken': 'Нарушено правило',
    'idempotency-key-reused': 'Idempotency-Key принадлежит другому запросу',
    locked: 'Запись заблокирована',
    'version-required': 'Требуется If-Match',
    'too-many-requests': 'Слишком много запросов',
    'function-switched-off': 'Эта функция отключена',
    'internal-error': 'Внутренняя ошибка',
    'not-yet-available': 'Пока недоступно',
    'key-set-unavailable': 'Невозможно проверить токены',
    'transaction-too-long': 'Транзакция заняла слишком много времени',
    'host-not-running': 'Узел сейчас не обслуживает функции',
    'storage-unavailable': 'Необходимая служба не ответила',
  },
  texts: {
    'answer-not-as-declared': '{function}: ответ не соответствует объявленному: {fault}',
    'query-name-twice': 'query.{name} указан дважды. Укажите одно значение.',
    'query-not-utf8': 'Строка запроса не является текстом в UTF-8. Закодируйте каждое значение по RFC 3986.',
    'content-encoding-refused': 'Отправьте тело без сжатия, без Content-Encoding: {coding}.',
    'body-type-refused': 'Отправьте JSON в UTF-8 с Content-Type: application/json; получено «{mediaType}».',
    'body-not-json': 'Тело запроса не является JSON: {reason}',
    'if-match-malformed':
      'If-Match принимает один прочитанный вами ETag, например "7". `*` не принимается: он перезаписал бы то, чего вы не видели.',
    'body-too-large': 'Размер тела — не более {limit} байт. Разделите его на несколько запросов.',
    'fields-invalid': 'Исправьте и отправьте снова: {issues}',
    'idempotency-key-malformed': 'Idempotency-Key содержит от 1 до 256 символов.',
    'idempotency-key-of-another-request':
      'Этот Idempotency-Key использован для другого запроса. Для нового запроса возьмите новый ключ; повторяйте запрос без изменений.',
    'same-request-in-flight':
      'Этот запрос уже выполняется. Повторите его по истечении Retry-After, чтобы получить ответ.',
    'continuation-token-foreign':
      'Верните continuationToken предыдущей страницы этого же списка без изменений или не указывайте его.',
    'role-not-allowed': 'Этот вызов доступен ролям: {roles}; в вашем токене роль {role}.',
    'token-of-another-channel': 'Ваш токен выдан для канала {channel}; для другого канала он не подходит.',
    'rate-exceeded': 'Вы отправляете больше запросов, чем разрешено. Продолжите через {seconds} с и реже.',
    'storage-silent':
      'Хранилище или подсистема Durable узла не ответили. Ничего не потеряно: повторите запрос с тем же Idempotency-Key.',
    'fault-logged': 'Причина записана в журнале под вызовом {invocationId}. Может помочь повтор запроса.',
    'method-not-taken': '{path} принимает {allowed}.',
    'address-unknown': 'По адресу {path} ничего нет. Доступные адреса перечислены в docs/api.md.',
    'address-not-available': 'GET /{route} недоступен в этой версии. Ничего не сделано.',
    'function-off':
      'Функция {function} отключена. Чтобы включить её, удалите параметр AzureWebJobs.{function}.Disabled.',

    'token-missing': 'Отправьте токен: Authorization: Bearer <token>.',
    'authorization-malformed': 'Заголовок Authorization имеет иную форму, чем: Bearer <token>.',
    'token-channel-unknown': 'Канал {channel} из токена здесь не известен. Сначала его создаёт администратор.',
    'token-user-disabled': 'Пользователь {userId} из токена отключён. Обратитесь к администратору.',
    'token-user-removed': 'Пользователь {userId} из токена удалён. Обратитесь к администратору.',
    'token-user-unknown': 'Пользователь {userId} из токена здесь не известен. Обратитесь к администратору.',
    'token-without-roles': 'В токене нет утверждения `roles` в виде списка имён.',
    'token-roles-unknown': 'Утверждение `roles` токена не содержит ни одной из ролей: {roles}.',
    'token-claim-not-an-id': 'Утверждение `{claim}` токена отсутствует или не является допустимым идентификатором.',
    'token-of-another-issuer': 'Токен выдан другим издателем.',
    'token-for-another-audience': 'Токен предназначен для другой аудитории.',
    'token-without-expiry': 'В токене нет срока действия (`exp`).',
    'token-not-valid-yet': 'Токен ещё не действует (`nbf`).',
    'token-claim-wrong': 'Утверждение `{claim}` токена отсутствует или неверно.',
    'token-of-another-kind':
      'Токен другого вида: `typ` в его заголовке должен быть "JWT" или "at+jwt" либо отсутствовать.',
    'token-expired': 'Срок действия токена истёк. Получите новый.',
    'token-signature-wrong': 'Токен не подписан ни одним из ключей издателя.',
    'token-key-unclear': 'В заголовке токена не указано, каким из ключей издателя он подписан (`kid`).',
    'token-algorithm-refused': 'Подпись токена такого вида не принимается.',
    'token-malformed': 'После «Bearer» следует не подписанный JSON Web Token.',
    'issuer-keys-unreadable': 'Ключи издателя сейчас прочитать нельзя. Повторите запрос позже.',
    'user-no-longer-enabled': 'Пользователь {userId} больше не включён. Обратитесь к администратору.',
    'privilege-missing':
      'У вас нет привилегии {privilege}: {action} для таблицы {table}. Попросите у администратора роль, в которой она есть.',
    'privilege-missing-on-record':
      'У вас нет привилегии {privilege}: {action} для таблицы {table} на записи других пользователей (уровень Organization). Попросите у администратора роль, в которой она есть.',
    'no-enabled-user':
      '{at}: нет включённого пользователя {userId}. Укажите другого или попросите администратора создать либо включить его: PUT /api/users/{userId}.',
    'id-malformed':
      'Идентификатор ({what}) содержит от 1 до 64 букв, цифр, точек, подчёркиваний и дефисов (A-Z a-z 0-9 . _ -).',
    'user-unknown': 'Пользователя {userId} нет.',
    'user-removed': 'Пользователь {userId} ({name}) удалён.',
    'built-in-user-not-removable':
      'Пользователь {userId} встроенный, его нельзя удалить, чтобы администрирование всегда было возможно. Имя изменить можно.',
    'built-in-user-not-disabled':
      'Пользователь {userId} встроенный, его нельзя отключить, чтобы администрирование всегда было возможно. Имя изменить можно.',
    'built-in-user-keeps-role':
      'Пользователь {userId} встроенный и сохраняет роль {role}, чтобы администрирование всегда было возможно. Имя изменить можно.',
    'role-unknown': 'Роли {name} нет. Её создаёт PUT.',
    'role-built-in': 'Роль {name} встроенная, её нельзя изменить. Создайте рядом другую роль.',
    'role-tables-unknown': 'Нет таблиц: {tables}. Укажите существующую или * для всех.',
    'user-roles-unknown': 'Нет ролей: {roles}. Создайте роль с помощью PUT {address} или не указывайте её.',

    'table-unknown': 'Таблицы {table} нет.',
    'record-absent': 'В таблице {table} нет записи с идентификатором {id}.',
    'record-absent-or-unreadable': 'В таблице {table} нет записи {reference}, или вам нельзя её читать.',
    'record-unreadable': 'Записи {id} нет в таблице {table}, или вам нельзя её читать.',
    'such-record-unreadable': 'В таблице {table} нет такой записи, или вам нельзя её читать.',
    'record-was-deleted':
      'Запись {id} таблицы {table} удалена {deletedOn}. POST /api/tables/{table}/{id}/restore восстанавливает её; отмена её задания — и всё, что удалено вместе с ней.',
    'named-record-absent': '{at}: в таблице {table} нет такой записи, или вам нельзя её читать.',
    'record-not-written': 'Запись не сохранена.',
    'unique-value-taken': '{column}: {value} принадлежит другой записи таблицы {table}.',
    'record-id-taken':
      'В таблице {table} уже есть запись с идентификатором {id}. Не указывайте идентификатор, чтобы получить новый.',
    'record-id-deleted-by-job': 'Запись {id} таблицы {table} удалена заданием {jobId}.',
    'record-id-version-8':
      'id: GUID версии 8 создаются только здесь. Отправьте другую версию (например, 4) или не указывайте идентификатор.',
    'record-locked': 'Запись {id} таблицы {table} заблокирована заданием {jobId}. Повторите после его завершения.',
    'record-version-stale': 'Вы видели версию {seen}; сейчас версия {version}. Прочитайте запись снова.',
    'record-version-needed': 'Отправьте If-Match с прочитанным ETag записи, чтобы не перезаписать чужое изменение.',
    'record-contended': 'Запись {id} таблицы {table} изменяется многими одновременно. Повторите попытку.',
    'owner-needs-assign': 'Ответственный изменяется через POST {address}, так как за ним следует всё под этой записью.',
    'lookup-needs-reparent': '{lookup} изменяется через POST {address}, так как за ним следует всё под этой записью.',
    'lookup-unknown': 'У таблицы {table} нет поиска {lookup}.',
    'parent-being-deleted': 'Запись {id} таблицы {table} удаляется заданием {jobId}.',
    'parent-locked': 'Запись {id} таблицы {table} заблокирована заданием {jobId}.',
    'restore-not-deleted': 'Запись {id} таблицы {table} не удалена, восстанавливать нечего.',
    'restore-contended': 'Запись {id} таблицы {table} изменяется другими. Повторите попытку.',
    'restore-record-unknown': 'В таблице {table} нет записи с идентификатором {id}, в том числе среди удалённых.',
    'restore-parent-gone':
      'Запись {id} таблицы {table} восстанавливается только под родительской по связи {relationship}, {parentId}, которой больше нет. Сначала восстановите её.',
    'restore-parent-gone-or-undo':
      'Запись {id} таблицы {table} восстанавливается только под родительской по связи {relationship}, {parentId}, которой больше нет. Сначала восстановите её или отмените задание {jobId}, если обе удалило оно.',
    'restore-still-being-deleted':
      'Задание {jobId} ещё удаляет то, к чему относится запись {id} таблицы {table}. Дождитесь его завершения.',
    'relationship-unknown': 'Связи {name} нет. Список связей — GET /api/relationships.',
    'relationship-not-of-table': 'Нет связи {name}, ведущей вниз от таблицы {table}.',
    'relationship-part-fixed': '{part}: имеет значение {value} и не изменяется; изменять можно только поведения.',
    'behaviors-contradict-preset':
      'Ничего не изменено: у {preset} для {actions} другие поведения, чем в запросе. Отправьте либо набор, либо поведения, но не то и другое.',
    'custom-names-nothing':
      'Custom сам по себе ничего не означает: отправьте behaviors для {actions} или набор: {presets}.',
    'behaviors-not-named': 'В запросе не указано поведение: отправьте behaviors для {actions} или набор: {presets}.',
    'share-still-cascades':
      'Share каскадируется по связи {name} ({behavior}), поэтому унаследованное по ней верно. Сначала установите для Share значение None.',
    'rules-broken': 'Ничего не изменено: {issues}.',
    'if-match-needed':
      'Сначала прочитайте ({what}) и верните ETag в If-Match, чтобы ничьё изменение не было перезаписано незаметно.',
    'if-match-of-nothing': 'If-Match указывает версию {ifMatch}, но такого объекта нет: {what}.',
    'if-match-stale':
      'If-Match указывает версию {ifMatch}, но текущая версия ({what}) — {version}. Прочитайте снова и решите заново.',
    'transaction-contended':
      'Другие постоянно изменяют строки таблицы {table} (строк: {count}). Ничего не изменено: повторите попытку или отправьте mode "async".',
    'transaction-record-locked':
      'Запись {id} заблокирована заданием {jobId}. Ничего не изменено: повторите после его завершения.',
    'transaction-past-deadline':
      'Транзакция не завершилась за отведённое время ({seconds} с), всё осталось как было. Отправьте её с mode "async".',
    'job-asked-for-by-many': 'Задание {job} запрашивают многие одновременно. Повторите попытку.',

    'merge-with-itself': 'subordinateId: запись {id} таблицы {table} нельзя объединить с самой собой.',
    'table-not-mergeable': 'Записи таблицы {table} нельзя объединять. Можно объединять записи таблиц {mergeable}.',
    'merge-of-inactive': 'Запись {id} таблицы {table} неактивна. Объединять можно только активные записи.',
    'merge-of-merged':
      'Запись {id} таблицы {table} неактивна (она объединена с {masterId}). Объединять можно только активные записи.',
    'unshare-user-unknown': 'principal: пользователя {userId} нет.',
    'share-user-may-not-read':
      'principal: пользователю {userId} нельзя читать таблицу {table}, поэтому её записи ему не предоставить.',
    'delete-blocked':
      'Удалению мешают связанные записи: {blockers}. Сначала удалите их или отвяжите. Ничего не удалено.',
    'plugin-failed': '{what} Всё осталось, как было.',
    'plugin-timeout': '{what} Всё осталось, как было.',
    'record-being-deleted': 'Запись {id} таблицы {table} удаляется заданием {jobId}.',
    'assign-owner-unfit':
      'ownerId: нет включённого пользователя {userId}, которому можно читать таблицу {table}. Укажите другого или обратитесь к администратору.',
    'reparent-no-lookups': 'relationship: у таблицы {table} нет поиска {lookup}; у неё нет полей поиска.',
    'reparent-lookup-unknown': 'relationship: у таблицы {table} нет поиска {lookup}; её поля поиска: {lookups}.',
    'reparent-under-itself': 'parentId: запись {id} таблицы {table} — сама эта запись или находится под ней.',
    'earlier-attempt-under-way':
      'Задание {jobId} более ранней попытки этого запроса ещё выполняется. Запросите его или вскоре повторите запрос.',
    'action-not-available': 'Действие {action} недоступно в этой версии.',

    'channel-unknown': 'Канала {channel} нет. Его создаёт администратор с помощью PUT.',
    'channel-of-message-unknown': 'Канала {channel} нет. Сначала создайте его, затем верните сообщение в очередь.',
    'channel-customer-unknown':
      'Канал {channel} не знает клиента {customer}. Созданный в другом месте клиент приходит с заданием 1010.',
    'channel-operation-unknown': 'В канале {channel} нет операции {id}.',
    'default-customer-unknown':
      'defaultCustomer: организации {customer} нет. Сначала создайте её или не указывайте это поле.',
    'operation-unknown': 'В главном офисе нет операции {id}; возможно, она ещё не отправлена.',
    'cdx-job-unknown': 'Задания CDX {job} нет. Список заданий — GET /api/cdx-jobs.',
    'cdx-run-unknown': 'У задания {job} нет запуска {runId}.',
    'cdx-job-running': 'Задание {job} выполняется: {runId}. Начните новый запуск после его завершения.',
    'bulk-change-unknown': 'Массового изменения {id} нет.',
    'feature-unknown': 'Функции {key} нет. Список функций — GET /api/features.',
  },
};
