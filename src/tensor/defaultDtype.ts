import { check, display } from './errors.ts';

let defaultDtype: 'float32' | 'float64' = 'float32';

/** The float type of tensors and parameters made from here on; float64 is for checking gradients. */
export function setDefaultDtype(dtype: 'float32' | 'float64'): void {
  check(dtype === 'float32' || dtype === 'float64', 'setDefaultDtype', 'dtype is float32 or float64', () =>
    display(dtype),
  );
  defaultDtype = dtype;
}

/** The float type in force. */
export function getDefaultDtype(): 'float32' | 'float64' {
  return defaultDtype;
}
