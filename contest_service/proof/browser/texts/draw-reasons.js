// What is said when the list, the draw or its evidence does not hold: by code, in two languages.

/** Reasons of the list and of what belongs to it. */
export const LIST_REASONS = {
  'freeze-rules': [
    'The list was frozen under other rules than those in force.',
    'Список заморожен не по действующим правилам.',
  ],
  round: [
    'The draw does not use the round that follows from the announced time.',
    'Розыгрыш опирается не на тот раунд, который следует из объявленного времени.',
  ],
  'frozen-early': [
    'The list was frozen before the contest closed.',
    'Список заморожен до закрытия конкурса.',
  ],
  'frozen-late': [
    'The list was frozen too late: the deciding number might have been known.',
    'Список заморожен слишком поздно: решающее число уже могло быть известно.',
  ],
  anchor: [
    'The freeze names a round that was not out yet.',
    'Заморозка ссылается на раунд, которого ещё не было.',
  ],
  'anchor-signature': [
    'The freeze names a round with a false signature.',
    'Заморозка ссылается на раунд с поддельной подписью.',
  ],
  'not-frozen': [
    'There are entries, but no list was ever frozen.',
    'Заявки есть, но список не заморожен.',
  ],
  'too-many-tickets': [
    'The list holds more tickets than can be drawn.',
    'В списке больше билетов, чем можно разыграть.',
  ],
  'entries-count': [
    'The list has more or fewer entries than were frozen.',
    'В списке больше или меньше заявок, чем было заморожено.',
  ],
  'entries-hash': [
    'The list is not the one that was frozen.',
    'Это не тот список, который заморозили.',
  ],
  'entries-total': [
    'The number of tickets is not the frozen one.',
    'Число билетов не то, что заморожено.',
  ],
  'entries-order': [
    'The list is not in order, or an entry stands twice.',
    'Список не упорядочен, или заявка стоит дважды.',
  ],
  'entry-weight': [
    'An entry has no ticket, or more than the rules permit.',
    'У заявки нет билетов, или их больше, чем разрешают правила.',
  ],
  'entries-root': [
    'The list’s fingerprint is not the frozen one.',
    'Отпечаток списка не совпадает с замороженным.',
  ],
  'dq-unknown': [
    'Somebody was disqualified who is not in the list.',
    'Дисквалифицирован тот, кого нет в списке.',
  ],
  'dq-twice': ['Somebody was disqualified twice.', 'Одну заявку дисквалифицировали дважды.'],
  'dq-late': [
    'Somebody was disqualified between the deciding number and the result.',
    'Заявку сняли между решающим числом и результатом.',
  ],
  'opening-contest': ['A name belongs to another contest.', 'Имя относится к другому конкурсу.'],
  'opening-unknown': [
    'A name does not belong to any entry of the list.',
    'Имя не соответствует ни одной заявке списка.',
  ],
  'opened-twice': ['An entry or an account is named twice.', 'Заявка или аккаунт названы дважды.'],
  'evidence-missing': [
    'The evidence that the freeze names is missing.',
    'Нет свидетельств, которые названы при заморозке.',
  ],
  'evidence-unbound': [
    'There is evidence that no freeze names.',
    'Есть свидетельства, которые при заморозке не названы.',
  ],
  'evidence-changed': [
    'The evidence was changed after the freeze.',
    'Свидетельства изменили после заморозки.',
  ],
  'evidence-form': [
    'The list of evidence is not written as it should be.',
    'Список свидетельств записан неправильно.',
  ],
  'records-unbound': [
    'There are records that no freeze names.',
    'Есть записи, которые при заморозке не названы.',
  ],
  'record-contest': [
    'A record belongs to another contest.',
    'Запись относится к другому конкурсу.',
  ],
  'record-unknown': [
    'A record is not among the evidence of the freeze.',
    'Записи нет среди замороженных свидетельств.',
  ],
  'record-twice': ['A record stands twice.', 'Запись стоит дважды.'],
  'scan-twice': ['A scan stands twice.', 'Обход записан дважды.'],
  'page-scan': ['A page belongs to no scan.', 'Страница не относится ни к одному обходу.'],
  'page-twice': ['A page stands twice.', 'Страница записана дважды.'],
  'message-unknown': [
    'A message belongs to no entry of the list.',
    'Сообщение не относится ни к одной заявке списка.',
  ],
};

/** Reasons of the draw. */
export const DRAW_REASONS = {
  'result-early': [
    'The result is dated before the deciding number existed.',
    'Результат датирован раньше, чем появилось решающее число.',
  ],
  'void-late': [
    'The contest was called off when its result could be known.',
    'Конкурс отменили, когда его результат уже можно было узнать.',
  ],
  signature: [
    'The deciding number is not the beacon’s: its signature is false.',
    'Решающее число не от маяка: подпись поддельная.',
  ],
  randomness: [
    'The deciding number does not follow from the beacon’s signature.',
    'Решающее число не следует из подписи маяка.',
  ],
  'winners-count': [
    'There are more or fewer winners than the rules promise.',
    'Победителей больше или меньше, чем обещают правила.',
  ],
  winners: [
    'The winners are not those that the draw gives.',
    'Победители не те, которых даёт розыгрыш.',
  ],
};

/** Reasons of finishing a draw with the beacon's answer. */
export const ANSWER_REASONS = {
  'nothing-to-finish': [
    'There is nothing to finish: the contest is not frozen, or it has its result already.',
    'Завершать нечего: список не заморожен, или результат уже есть.',
  ],
  'answer-form': [
    'This is not an answer of the beacon. If the round is not due yet, come back after its time. The signature alone is 96 characters, 0 to 9 and a to f.',
    'Это не ответ маяка. Если время раунда ещё не наступило, вернитесь позже. Сама подпись — это 96 знаков, от 0 до 9 и от a до f.',
  ],
  'answer-round': [
    'This is another round. Only the one that is named above decides.',
    'Это другой раунд. Решает только тот, что назван выше.',
  ],
  'answer-signature': [
    'This is not that round of this beacon: the signature does not fit. It may belong to another round or to another beacon, or was changed on the way.',
    'Это не тот раунд этого маяка: подпись не подходит. Она может быть от другого раунда или другого маяка, или её изменили по дороге.',
  ],
  'answer-randomness': [
    'The number in this answer does not follow from its signature. Take the answer from another address.',
    'Число в этом ответе не следует из его подписи. Возьмите ответ по другому адресу.',
  ],
  'unwritable-result': [
    'These rules can have no result: they promise more prizes than can be written down, or their round lies too far in the future.',
    'По этим правилам результата быть не может: призов больше, чем можно записать, или раунд слишком далеко в будущем.',
  ],
};

/** Reasons of the evidence from outside. */
export const EVIDENCE_REASONS = {
  'checkpoint-form': [
    'A page of the public log is not written as it should be.',
    'Страница публичного журнала записана неправильно.',
  ],
  'checkpoint-size': [
    'A page of the public log is not of the size that its name says.',
    'Страница публичного журнала не того размера, что в её имени.',
  ],
  'checkpoint-root': [
    'A page of the public log does not fit the events: the log was changed.',
    'Страница публичного журнала не сходится с событиями: журнал изменён.',
  ],
  'checkpoint-signature': [
    'A signature of a key that you trust does not hold.',
    'Подпись ключа, которому вы доверяете, неверна.',
  ],
  'checkpoint-signatures': [
    'A key that you trust stands under a page of the public log with too many different signatures.',
    'Под страницей публичного журнала слишком много разных подписей ключа, которому вы доверяете.',
  ],
  'slice-incomplete': [
    'A part of the public log is missing.',
    'Не хватает части публичного журнала.',
  ],
  'slice-left': [
    'The beginning of the public log is not written as it should be.',
    'Начало публичного журнала записано неправильно.',
  ],
  'slice-size': [
    'The part of the public log has not the right length.',
    'Часть публичного журнала неправильной длины.',
  ],
  'slice-first': [
    'The part of the public log does not begin with this contest.',
    'Часть публичного журнала начинается не с этого конкурса.',
  ],
  'slice-unknown-event': [
    'The public log knows an event of this contest that the bundle does not show: a second list, perhaps.',
    'В публичном журнале есть событие этого конкурса, которого нет в архиве: возможно, второй список.',
  ],
  'slice-missing-event': [
    'The public log does not know an event that the bundle shows.',
    'В публичном журнале нет события, которое есть в архиве.',
  ],
  'timestamp-checkpoint': [
    'A timestamp belongs to no page of the public log.',
    'Метка времени не относится ни к одной странице публичного журнала.',
  ],
  'timestamp-form': ['A timestamp is not one.', 'Файл метки времени ею не является.'],
  'timestamp-imprint': [
    'A timestamp is about something else.',
    'Метка времени поставлена на что-то другое.',
  ],
};
