/** One renderer for each format of `batch`. */
import type { BatchFormat } from '../options.ts';
import { renderGithub } from './comment.ts';
import { renderCsv } from './csv.ts';
import { renderBatchHtml } from './html.ts';
import { renderJson, renderNdjson } from './json.ts';
import { renderBatchMarkdown } from './markdown.ts';
import type { Page } from './page.ts';
import { renderTable, type TableView } from './table.ts';

export function render(format: BatchFormat, page: Page, view: TableView): string {
  switch (format) {
    case 'table':
      return renderTable(page, view);
    case 'json':
      return renderJson(page);
    case 'ndjson':
      return renderNdjson(page);
    case 'csv':
      return renderCsv(page);
    case 'markdown':
      return renderBatchMarkdown(page);
    case 'github':
      return renderGithub(page);
    case 'html':
      return renderBatchHtml(page);
  }
}
