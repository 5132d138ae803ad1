import { defineConfig } from 'millrace/config';
import { csvToParquet } from './csv-to-parquet.ts';
import { pdfPages } from './pdf-pages.ts';
import { posterFrame } from './poster-frame.ts';

export default defineConfig({
  conversions: [
    { conversion: csvToParquet, keys: ['*.csv'] },
    { conversion: csvToParquet, keys: ['*.ndjson'], options: { format: 'ndjson' } },
    { conversion: pdfPages, keys: ['*.pdf'] },
    { conversion: posterFrame, keys: ['*.{mp4,m4v,mov,webm,mkv,avi}'] },
  ],
});
