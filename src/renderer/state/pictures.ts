/** Address of a picture; `key` is what core gave out with the image. The same in the window and in a browser. */
export const pictureUrl = (project: string, image: number, key: string, kind: 'thumb' | 'view' = 'thumb'): string =>
  `/image/${project}/${image}/${kind}/${key}`;

export const previewUrl = (key: string): string => `/preview/${key}`;
