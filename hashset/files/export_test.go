package files

// Small makes the keeper go to disk and to another index early.
func (k *Keeper) Small(memory int, perIndex int64) { k.memory, k.perIndex = memory, perIndex }
