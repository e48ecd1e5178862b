// What is said when something does not hold: by code, in English and in Russian.

/** Reasons of the bundle and of its files. */
export const FILE_REASONS = {
  'internal-error': [
    'The check broke off because of an error in this page or for lack of memory. Try another browser, or verify.py.',
    'Проверка прервалась из-за ошибки этой страницы или нехватки памяти. Попробуйте другой браузер или verify.py.',
  ],
  trust: [
    'The list of trusted keys is not a trust file.',
    'Файл доверия прочитать не удалось: это не список ключей.',
  ],
  missing: [
    'A file without which nothing can be checked is missing.',
    'Нет файла, без которого ничего проверить нельзя.',
  ],
  'not-a-zip': [
    'This is not a zip file. Choose the bundle as you got it.',
    'Это не zip-файл. Выберите архив таким, каким вы его получили.',
  ],
  'zip-end': [
    'The zip file is cut off, or something hides behind its end.',
    'Zip-файл обрезан, или за его концом что-то спрятано.',
  ],
  'zip-directory': [
    'The zip file’s table of contents is damaged.',
    'Оглавление zip-файла повреждено.',
  ],
  'zip-extra': [
    'The zip file carries extra fields, in which something could hide.',
    'В zip-файле есть дополнительные поля, в которых можно что-то спрятать.',
  ],
  'zip-comment': [
    'The zip file carries a comment, in which something could hide.',
    'В zip-файле есть комментарий, в котором можно что-то спрятать.',
  ],
  'zip-flags': [
    'The zip file is encrypted or uses a feature that is not permitted.',
    'Zip-файл зашифрован или использует недопустимую возможность.',
  ],
  'zip-method': [
    'The zip file uses a compression that is not permitted.',
    'Zip-файл сжат недопустимым способом.',
  ],
  'zip-header': [
    'The zip file says two different things about one of its files.',
    'Zip-файл сообщает об одном из своих файлов два разных сведения.',
  ],
  'zip-stray-bytes': [
    'The zip file holds bytes that belong to none of its files.',
    'В zip-файле есть байты, которые не принадлежат ни одному файлу.',
  ],
  'zip-cut': ['The zip file is cut off.', 'Zip-файл обрезан.'],
  'zip-size': [
    'A file in the zip has another size than it says.',
    'Файл в архиве имеет не тот размер, который указан.',
  ],
  'zip-data': ['A file in the zip cannot be unpacked.', 'Файл в архиве не распаковывается.'],
  'zip-crc': [
    'A file in the zip is damaged: its checksum is wrong.',
    'Файл в архиве повреждён: контрольная сумма не сходится.',
  ],
  'not-a-file': [
    'The bundle holds a folder or a link where a file should be.',
    'В архиве на месте файла стоит папка или ссылка.',
  ],
  'name-twice': ['The bundle holds two files of one name.', 'В архиве два файла с одним именем.'],
  name: [
    'The bundle holds a file that has no place in it.',
    'В архиве есть файл, которому там не место.',
  ],
  'too-many-files': ['The bundle holds too many files.', 'В архиве слишком много файлов.'],
  'too-large': [
    'Unpacked, the bundle would be too large.',
    'В распакованном виде архив слишком велик.',
  ],
  'file-too-large': [
    'A file of the bundle is larger than such a file may be.',
    'Файл в архиве больше, чем такому файлу разрешено.',
  ],
  'file-changed': [
    'A file is not the one that the bundle’s list names: it was changed.',
    'Файл не тот, который назван в описи архива: его изменили.',
  ],
  'file-missing': [
    'The bundle’s list names a file that is not there.',
    'В описи архива назван файл, которого нет.',
  ],
  'file-unlisted': [
    'The bundle holds a file that its list does not name.',
    'В архиве есть файл, которого нет в описи.',
  ],
  'manifest-order': ['The bundle’s list of files is not in order.', 'Опись архива не упорядочена.'],
  'manifest-contest': [
    'The bundle’s list names another contest than the record.',
    'В описи архива назван другой конкурс, чем в журнале.',
  ],
  format: [
    'The bundle has a format that this page does not know.',
    'Формат архива этой странице неизвестен.',
  ],
  edition: [
    'The bundle is of an edition that does not exist.',
    'Такого вида архива не существует.',
  ],
  version: [
    'A file follows another version of the protocol.',
    'Файл составлен по другой версии протокола.',
  ],
  form: [
    'Something is written in a way that the protocol does not permit.',
    'Что-то записано не так, как разрешает протокол.',
  ],
  'not-canonical': [
    'A line is not written in its one permitted spelling.',
    'Строка записана не единственным разрешённым способом.',
  ],
  'empty-line': ['There is an empty line.', 'Есть пустая строка.'],
  'line-too-long': ['A line is too long.', 'Строка слишком длинная.'],
  'line-end': [
    'The last line is not ended: the file may be cut off.',
    'Последняя строка не закончена: файл мог быть обрезан.',
  ],
};

/** Reasons of the record of events, the rules and the terms. */
export const RULES_REASONS = {
  'no-events': ['The record of the contest is empty.', 'Журнал конкурса пуст.'],
  contest: ['The record mixes two contests.', 'В журнале смешаны два конкурса.'],
  seq: [
    'An event is missing from the record, or stands twice.',
    'В журнале не хватает события, или оно записано дважды.',
  ],
  prev: [
    'An event does not follow from the one before: something was changed or removed.',
    'Событие не продолжает предыдущее: что-то изменили или убрали.',
  ],
  time: ['Time goes backwards in the record.', 'Время в журнале идёт назад.'],
  'event-order': [
    'An event stands where it may not stand.',
    'Событие стоит там, где стоять не может.',
  ],
  schedule: [
    'The contest closes before it opens, or draws before it closes.',
    'Конкурс закрывается раньше, чем открылся, или розыгрыш раньше закрытия.',
  ],
  'min-lead': [
    'The rules leave less than ten minutes between the list and the draw.',
    'Правила оставляют между списком и розыгрышем меньше десяти минут.',
  ],
  'tier-twice': [
    'Two prizes of one draw have the same id.',
    'У двух призов одного розыгрыша один и тот же код.',
  ],
  'too-many-winners': [
    'The rules name more winners than can be drawn.',
    'В правилах больше победителей, чем можно разыграть.',
  ],
  'amend-late': [
    'The rules were changed when the deciding number might already be known.',
    'Правила изменили, когда решающее число уже могло быть известно.',
  ],
  'beacon-changed': [
    'A change of the rules replaced the source of chance.',
    'При изменении правил подменили источник случайности.',
  ],
  'beacon-not-pinned': [
    'The rules do not use the public beacon. If this is a practice contest, switch on “practice” and check again.',
    'Правила не опираются на публичный маяк. Если это учебный конкурс, включите «учебный» и проверьте снова.',
  ],
  'practice-beacon': [
    'The practice beacon is not a proper one.',
    'Учебный маяк описан неправильно.',
  ],
  'practice-key': [
    'The practice beacon’s key is not a proper key.',
    'Ключ учебного маяка неправильный.',
  ],
  'practice-chain': [
    'The practice beacon’s name does not follow from its key.',
    'Имя учебного маяка не следует из его ключа.',
  ],
  'terms-missing': [
    'The published rules that the record names are missing.',
    'Нет опубликованных правил, на которые ссылается журнал.',
  ],
  'terms-changed': [
    'The published rules were changed afterwards.',
    'Опубликованные правила изменили задним числом.',
  ],
  'terms-unnamed': [
    'There are rules in the bundle that the record does not name.',
    'В архиве есть правила, которых журнал не называет.',
  ],
  'terms-contest': [
    'The published rules are those of another contest.',
    'Опубликованные правила относятся к другому конкурсу.',
  ],
  'terms-version': [
    'The versions of the published rules are not counted one by one.',
    'Версии опубликованных правил идут не подряд.',
  ],
  'terms-reason': [
    'A change of the rules does not say why, or the first version claims a change.',
    'Изменение правил не объяснено, или первая версия выдаёт себя за изменение.',
  ],
  'terms-schedule': [
    'The published times are not those of the record.',
    'Опубликованные сроки не совпадают с журналом.',
  ],
  'terms-freeze': [
    'The published time of the freeze does not fit the draw.',
    'Объявленное время заморозки списка не согласуется с розыгрышем.',
  ],
  'terms-verifiers': [
    'The published rules list their verifiers wrongly.',
    'В правилах неправильно перечислены программы проверки.',
  ],
  'terms-quizzes': [
    'The published rules list their quizzes wrongly.',
    'В правилах неправильно перечислены вопросы.',
  ],
  'quiz-changed': [
    'A later version of the rules has other answers to the same quiz.',
    'В более поздней версии правил у того же вопроса другие ответы.',
  ],
  'quiz-unnamed': [
    'There are answers in the bundle to a quiz that no rules name.',
    'В архиве есть ответы на вопрос, которого нет в правилах.',
  ],
  'quiz-missing': [
    'The list is fixed, and the answers to a quiz of the rules were not opened.',
    'Список зафиксирован, а ответы на вопрос из правил не открыты.',
  ],
  'quiz-other': [
    'These answers are of another contest or another quiz.',
    'Это ответы из другого конкурса или на другой вопрос.',
  ],
  'quiz-answers': [
    'The opened answers are not the ones that the rules committed to.',
    'Открытые ответы – не те, что были закреплены в правилах.',
  ],
  'verifier-changed': [
    'A verifier in the bundle is not the one that the rules name. Use one from elsewhere.',
    'Программа проверки в архиве не та, что названа в правилах. Возьмите её из другого места.',
  ],
};
