// What is worth knowing beside the verdict: by code, in English and in Russian. {name} stands for a
// fact of the finding.

export const FINDINGS = {
  practice: [
    'This is practice: the draw proves nothing about chance, because whoever runs the practice beacon knew its numbers in advance.',
    'Это учебный розыгрыш: о случайности он ничего не доказывает, потому что владелец учебного маяка знал числа заранее.',
  ],
  'unverified-file': [
    '{name} is carried along and is no part of the proof: nothing binds what it says.',
    '{name} лежит рядом и не входит в доказательство: за его содержание ничто не ручается.',
  ],
  'bare-proof': [
    'This is a bare proof: the published rules are not in it and could not be checked.',
    'Это голое доказательство: опубликованных правил в нём нет, проверить их нельзя.',
  ],
  'quiz-opened': [
    'The answers to the quiz {quiz} are the ones that the published rules fixed in advance: {answers}',
    'Ответы на вопрос {quiz} – те самые, что были заранее закреплены в правилах: {answers}',
  ],
  'quiz-sealed': [
    'The answers to the quiz {quiz} are still sealed. They are opened after the close.',
    'Ответы на вопрос {quiz} пока скрыты. Их откроют после закрытия.',
  ],
  'quiz-never-opened': [
    'The answers to the quiz {quiz} stayed sealed: the contest ended before they were opened.',
    'Ответы на вопрос {quiz} остались скрыты: конкурс закончился раньше, чем их открыли.',
  ],
  'void-after-round': [
    'The contest was called off because round {round} of the beacon never came out. Whoever shows that round’s signature refutes this.',
    'Конкурс отменён, потому что раунд {round} маяка так и не вышел. Кто покажет подпись этого раунда, тот это опровергнет.',
  ],
  openings: [
    '{opened} of {count} entries show whose they are. Whoever is not named counts and is drawn all the same.',
    'Для {opened} из {count} заявок показано, чьи они. Кто не назван, участвует точно так же.',
  ],
  'grade-a': [
    'Grade A: witnesses outside saw the list before the draw, and that it was the only one.',
    'Степень A: внешние свидетели видели список до розыгрыша и то, что он был единственным.',
  ],
  'grade-b': [
    'Grade B: two independent authorities saw the list before the draw. Nothing shows that it was the only one.',
    'Степень B: две независимые службы видели список до розыгрыша. Что он был единственным, не показано.',
  ],
  'grade-c': [
    'Grade C: one authority saw the list before the draw. Nothing shows that it was the only one.',
    'Степень C: список до розыгрыша видела одна внешняя служба. Что он был единственным, не показано.',
  ],
  'grade-d': [
    'Grade D: the arithmetic holds, on the operator’s word alone. Nothing here shows from outside that the list existed before the draw, nor that it was the only list.',
    'Степень D: расчёты сходятся, но лишь на слове организатора. Ничто извне не показывает, что список существовал до розыгрыша и был единственным.',
  ],
  'event-grade': [
    '{where} ({type}) has evidence of grade {grade} only.',
    '{where} ({type}): свидетельство только степени {grade}.',
  ],
  'no-trust': [
    'Nothing says which witnesses and authorities you believe, so none of their signatures counts. Bring a trust file to change that.',
    'Неизвестно, каким свидетелям и службам вы доверяете, поэтому их подписи не засчитаны. Для этого нужен файл доверия.',
  ],
  'untrusted-checkpoint': [
    '{name} is not signed by a log that you trust, so its witnesses do not count.',
    '{name}: нет подписи журнала, которому вы доверяете, поэтому свидетели не засчитаны.',
  ],
  'receipt-untrusted': [
    'The receipt or promise fits the bundle. Whether its key is the operator’s was not checked: no trust file was given.',
    'Расписка сходится с архивом. Принадлежит ли её ключ организатору, не проверено: файла доверия нет.',
  ],
  'timestamp-signer': [
    '{name} does not count: the certificate of its signer is missing.',
    '{name} не засчитана: нет сертификата подписавшего.',
  ],
  'timestamp-usage': [
    '{name} does not count: its signer’s certificate is not one for time stamping only.',
    '{name} не засчитана: сертификат подписавшего не только для меток времени.',
  ],
  'timestamp-attributes': [
    '{name} does not count: what was signed is not this timestamp.',
    '{name} не засчитана: подписана не эта метка.',
  ],
  'timestamp-algorithm': [
    '{name} was not checked and does not count: its kind of signature is not known here.',
    '{name} не проверена и не засчитана: такой вид подписи здесь неизвестен.',
  ],
  'timestamp-signature': [
    '{name} does not count: its signature is false.',
    '{name} не засчитана: подпись неверна.',
  ],
  'timestamp-path': [
    '{name} does not count: no path of valid certificates leads to an authority that you trust.',
    '{name} не засчитана: нет цепочки действующих сертификатов к службе, которой вы доверяете.',
  ],
  'timestamp-certificate': [
    '{name} does not count: a certificate in it cannot be read.',
    '{name} не засчитана: сертификат в ней не читается.',
  ],
};

/** Why a receipt or promise does not hold. */
export const RECEIPT_REASONS = {
  'receipt-form': [
    'This file is neither a receipt nor a promise.',
    'Этот файл не является ни распиской, ни обещанием.',
  ],
  'receipt-bundle': [
    'The bundle itself does not hold, so the receipt was not compared with it.',
    'Сам архив не прошёл проверку, поэтому расписка с ним не сравнивалась.',
  ],
  'receipt-contest': ['It is about another contest.', 'Она о другом конкурсе.'],
  'receipt-not-frozen': [
    'The list is not frozen yet. Check again after the freeze.',
    'Список ещё не заморожен. Проверьте после заморозки.',
  ],
  'receipt-unknown': [
    'The entry is not in the frozen list. Keep this file: it is your evidence.',
    'Этой заявки нет в замороженном списке. Сохраните файл: это ваше доказательство.',
  ],
  'receipt-weight': [
    'The entry is in the list, but with another number of tickets.',
    'Заявка в списке есть, но с другим числом билетов.',
  ],
  'receipt-signature': ['The signature of the promise is false.', 'Подпись обещания неверна.'],
  'receipt-freeze': [
    'It is about another freeze than the bundle’s. Keep this file: two lists may exist.',
    'Она о другой заморозке, чем в архиве. Сохраните файл: возможно, списков два.',
  ],
  'receipt-path': [
    'Its path does not lead to the frozen list.',
    'Её путь не ведёт к замороженному списку.',
  ],
  'receipt-checkpoint': [
    'Its page of the public log does not hold.',
    'Её страница публичного журнала неверна.',
  ],
  'receipt-key': [
    'It is signed by a key that you do not trust.',
    'Она подписана ключом, которому вы не доверяете.',
  ],
  'receipt-fork': [
    'Its page of the public log is not of the log in the bundle. Keep this file: the log was split.',
    'Её страница журнала не из того журнала, что в архиве. Сохраните файл: журнал раздвоили.',
  ],
  'receipt-log': [
    'Its path does not lead to the public log.',
    'Её путь не ведёт к публичному журналу.',
  ],
};
