import type { Bench, Candidate, Comparison } from './bench.ts'
import type { Measurements } from './measure-in-turn.ts'
import { median } from './median.ts'

/** Writes what was measured as a Markdown table: the median of the ratios of each round, and how far they lie apart. */
export function markdownTable({ title, unit, candidates }: Bench, measurements: Measurements): string {
  const floors = new Set(candidates.flatMap(listComparisons).map(({ floor }) => floor))
  const figuresOf = (name: string): readonly number[] => measurements.get(name) ?? []

  function toRow({ name, unit: own }: Candidate, { floor, target = '' }: Partial<Comparison>): string[] {
    const figures = figuresOf(name)
    const absolute = inThreeDigits(median(figures)) + (own === undefined ? '' : ` ${own}`)
    if (floor === undefined) return [name, '', floors.has(name) ? '1' : '', '', absolute, target]
    const floorFigures = figuresOf(floor)
    const ratios = figures.map((figure, round) => figure / (floorFigures[round] ?? Number.NaN))
    const spread = `${twoDigits(Math.min(...ratios))}–${twoDigits(Math.max(...ratios))}`
    return [name, floor, `**${twoDigits(median(ratios))}**`, spread, absolute, target]
  }

  const rows = candidates.flatMap((candidate) => [
    toRow(candidate, candidate),
    ...(candidate.comparisons ?? []).map((comparison) => toRow(candidate, comparison)),
  ])
  const head = [title, 'compared with', 'ratio, median', 'min–max', `${unit}, median`, 'target']
  const alignment = ['---', '---', '--:', '--:', '--:', '--:']
  return [head, alignment, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

function listComparisons({ floor, comparisons = [] }: Candidate): Comparison[] {
  return floor === undefined ? [...comparisons] : [{ floor }, ...comparisons]
}

function inThreeDigits(figure: number): string {
  const maximumFractionDigits = figure < 10 ? 2 : figure < 100 ? 1 : 0
  return figure.toLocaleString('en', { maximumFractionDigits })
}

function twoDigits(ratio: number): string {
  return ratio.toFixed(2)
}
