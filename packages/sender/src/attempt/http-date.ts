const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

const dayName = `(?<dayName>${days.join('|')})`
const longDayName = '(?<dayName>Sun|Mon|Tues|Wednes|Thurs|Fri|Satur)day'
const month = `(?<month>${months.join('|')})`
const time = String.raw`(?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d)`
const forms = [
  // IMF-fixdate: Sun, 06 Nov 1994 08:49:37 GMT
  String.raw`${dayName}, (?<day>\d\d) ${month} (?<year>\d{4}) ${time} GMT`,
  // rfc850-date: Sunday, 06-Nov-94 08:49:37 GMT
  String.raw`${longDayName}, (?<day>\d\d)-${month}-(?<year>\d\d) ${time} GMT`,
  // asctime-date: Sun Nov  6 08:49:37 1994
  String.raw`${dayName} ${month} (?<day>\d\d| \d) ${time} (?<year>\d{4})`,
].map((form) => new RegExp(`^${form}$`))

type DateParts = Record<'dayName' | 'day' | 'month' | 'year' | 'hour' | 'minute' | 'second', string>

/**
 * The time of an HTTP date in one of its three forms (RFC 9110 section 5.6.7), in milliseconds since 1970; `undefined`
 * for anything else, a day that does not exist and the wrong name of a day included.
 *
 * @param now what the two-digit years of the second form are relative to.
 */
export function parseHttpDate(value: string, now: number): number | undefined {
  for (const form of forms) {
    const parts = form.exec(value)?.groups as DateParts | undefined
    if (parts !== undefined) return toTime(parts, now)
  }
  return undefined
}

function toTime(parts: DateParts, now: number): number | undefined {
  const [day, hour, minute, second] = [
    Number(parts.day),
    Number(parts.hour),
    Number(parts.minute),
    Number(parts.second),
  ]
  if (hour > 23 || minute > 59 || second > 60) return undefined
  const at = (year: number): Date => {
    const date = new Date(0)
    date.setUTCFullYear(year, months.indexOf(parts.month), day)
    // A leap second is allowed in the grammar and unknown to the clock of JavaScript.
    date.setUTCHours(hour, minute, Math.min(second, 59))
    return date
  }
  const year = Number(parts.year)
  const date = parts.year.length === 4 ? at(year) : mostRecent(year, at, now)
  const isReal = date.getUTCDate() === day && parts.dayName.startsWith(days[date.getUTCDay()] as string)
  return isReal ? date.getTime() : undefined
}

/** A two-digit year that would be over 50 years ahead is the latest year of the past with these digits. */
function mostRecent(twoDigits: number, at: (year: number) => Date, now: number): Date {
  const limit = new Date(now)
  limit.setUTCFullYear(limit.getUTCFullYear() + 50)
  const century = limit.getUTCFullYear() - (limit.getUTCFullYear() % 100)
  const date = at(century + twoDigits)
  return date > limit ? at(century + twoDigits - 100) : date
}
