print("tingd")
