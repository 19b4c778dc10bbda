// An SVG picture as a PNG: twice its size for sharp letters while that fits, smaller where a browser could not hold it.

import type { Picture } from './draw-svg';

const SIDE = 16_000;
const PIXELS = 80_000_000;

/** How much larger than the picture its PNG can be. */
export function pngScale({ width, height }: { width: number; height: number }): number {
  return Math.min(2, SIDE / width, SIDE / height, Math.sqrt(PIXELS / (width * height)));
}

export async function toPng(picture: Picture): Promise<{ blob: Blob; scale: number }> {
  const scale = pngScale(picture);
  const address = URL.createObjectURL(new Blob([picture.svg], { type: 'image/svg+xml' }));
  try {
    const image = new Image();
    await new Promise((resolve, reject) => {
      image.onload = resolve;
      image.onerror = () => {
        reject(new Error('the browser could not draw the picture'));
      };
      image.src = address;
    });
    const canvas = document.createElement('canvas');
    canvas.width = Math.max(1, Math.floor(picture.width * scale));
    canvas.height = Math.max(1, Math.floor(picture.height * scale));
    canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise<Blob | null>((resolve) => {
      canvas.toBlob(resolve, 'image/png');
    });
    if (blob === null) throw new Error('the browser could not write the picture');
    return { blob, scale };
  } finally {
    URL.revokeObjectURL(address);
  }
}
