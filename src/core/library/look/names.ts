/** What can be told of a file by its name alone; whether it can be read is told by its content. */
const readable = /\.(jpe?g|jpe|jfif|png|webp|tiff?|gif|bmp|dib)$/i;
const wholeSlide = /\.(svs|ndpi|scn|mrxs|vsi|qptiff|bif)$/i;
const dicom = /\.(dcm|dicom)$/i;
/** Tables and notes are nothing that failed to be an image. */
const beside = /\.(csv|tsv|txt|md|json|xml|ya?ml|xlsx?|ods|log|pdf|docx?|html?)$/i;

export const isImageName = (file: string): boolean => readable.test(file);

type OtherKind = 'whole-slide' | 'dicom' | 'other';
interface Others {
  readonly what: OtherKind;
  readonly files: number;
  readonly first: string;
}

function otherKind(file: string): OtherKind | null {
  if (isImageName(file)) return null;
  if (wholeSlide.test(file)) return 'whole-slide';
  if (dicom.test(file)) return 'dicom';
  return beside.test(file) ? null : 'other';
}

/** Files that are no images to read, by kind. */
export function othersOf(files: readonly string[]): Others[] {
  const found = new Map<OtherKind, { files: number; first: string }>();
  for (const file of files) {
    const kind = otherKind(file);
    if (kind === null) continue;
    const entry = found.get(kind);
    if (entry) entry.files++;
    else found.set(kind, { files: 1, first: file });
  }
  return (['whole-slide', 'dicom', 'other'] as const).flatMap((what) => {
    const entry = found.get(what);
    return entry ? [{ what, ...entry }] : [];
  });
}
