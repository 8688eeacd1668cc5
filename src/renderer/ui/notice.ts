/** A button of a notice. */
export interface NoticeAction {
  /** Key of its words in the catalogue. */
  readonly title: string;
  run(): void;
}
