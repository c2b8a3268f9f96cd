// Ours, as people meet it: the two files are dropped on the page, and its sentence is waited for.
window.detect = (reference, current) =>
  new Promise((resolve, reject) => {
    const look = () => {
      const sentence = document.querySelector(".report h1");
      const refusal = document.querySelector("[role=alert]");
      if (!sentence && !refusal) return;
      watch.disconnect();
      if (sentence) resolve({ sentence: sentence.textContent });
      else reject(new Error(refusal.textContent));
    };
    const watch = new MutationObserver(look);
    watch.observe(document.body, { childList: true, subtree: true });
    const transfer = new DataTransfer();
    for (const file of [reference, current]) transfer.items.add(file);
    const drop = new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true });
    document.body.dispatchEvent(drop);
  });
