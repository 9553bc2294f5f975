const dialog = document.querySelector('#password-dialog');
const input = dialog.querySelector('#password-again');

dialog.querySelector('#password-cancel').addEventListener('click', () => dialog.close('cancel'));

/** Undefined if the visitor cancels. */
export function askPassword() {
  dialog.returnValue = '';
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener(
      'close',
      () => {
        resolve(dialog.returnValue === 'confirm' ? input.value : undefined);
        input.value = '';
      },
      { once: true },
    );
  });
}
