import { basename } from 'node:path';
import type { CoreCalls } from '../../contract/core-calls.ts';
import { AppError } from '../../contract/errors.ts';
import { readPolicy } from '../../files/policy.ts';
import type { Handlers } from '../../rpc/types.ts';
import { sha256 } from '../audit/log.ts';
import { auditExport } from '../audit/stamps.ts';
import { outFile, writeOut } from '../exports/out-file.ts';
import { newToken, offer } from '../exports/tokens.ts';
import { afterUnsaved } from '../labels/unsaved.ts';
import { assertSighted } from '../labels/visibility.ts';
import { changed } from '../projects/board.ts';
import { projectOf } from '../projects/registry.ts';
import { noteSeen } from '../results/seen.ts';
import { chooseComparison } from '../runs/rows.ts';
import { createPictures } from '../thumbnails/pictures.ts';
import { document } from './document.ts';
import { examples } from './examples.ts';
import { gather } from './facts.ts';
import { wordsOf } from '../words.ts';

export function handlers(): Handlers<Pick<CoreCalls, 'exports.report'>> {
  const pictures = createPictures();
  return {
    'exports.report': async ({ project: ref, rater, run: id, locale, withImages, out: where }, { signal }) => {
      const project = await projectOf(ref);
      assertSighted(project.db, rater);
      if (withImages && !readPolicy().imagesInReports) throw new AppError('report.noImages');
      const run = chooseComparison(project.db, id);
      const out = where === undefined ? undefined : outFile(project, where);
      const facts = await gather(project, run);
      const shown = { arm: facts.context.chosen, classes: facts.results.classes.length };
      const found = withImages ? await examples(project, run.id, shown, pictures, signal) : null;
      const text = document({ ...facts, pictures: found }, wordsOf(locale));
      const data = Buffer.from(text);
      const hash = sha256(data);
      const name = out === undefined ? 'report.html' : basename(out);
      const token = out === undefined ? newToken() : null;
      if (out !== undefined) await writeOut(out, text);
      if (token !== null) offer(token, { from: data, name, bytes: data.length });
      // Who reads the report sees the results.
      afterUnsaved(project, () => {
        noteSeen(project, run.id, rater);
        auditExport(project, { what: 'report', run: run.id, rater, locale, withImages, sha256: [hash] });
      });
      changed(project.id);
      return { files: [{ name, bytes: data.length, sha256: hash, token }] };
    },
  };
}
